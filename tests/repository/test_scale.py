"""docs/scale.md: its counter hands each number out once, and its tables follow from the model."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from random import randrange
from types import SimpleNamespace
from typing import Any

import pytest
from redis import Redis

from bench.fleet import Fleet, simulate
from bench.scale_tables import format_recoveries
from tests.support.environment import ROOT

PAGE = (ROOT / "docs/scale.md").read_text("utf-8")
VISITS = 2_000


def test_the_split_counter_hands_each_number_out_once(redis: Any) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    found: dict[str, Any] = {"randrange": randrange}
    exec(code, found)  # noqa: S102  # the code of the page
    client = Redis.from_url(redis.connection_url, decode_responses=True)
    counter = found["Counter"]()
    counter.redis, counter.key = SimpleNamespace(at_least_once=client, get=client.get), "visits"
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: counter.increment(), range(VISITS)))
    assert len(set(numbers)) == counter.read() == VISITS
    assert len(client.keys()) == found["SHARDS"]
    client.close()


def test_the_recoveries_of_the_page_are_those_of_the_simulation() -> None:
    [text] = re.findall(
        "<!-- the last recoveries -->\n\n(.*?)\n<!-- end", PAGE, re.MULTILINE | re.DOTALL
    )
    assert text == format_recoveries()


@pytest.mark.parametrize(
    ("fleet", "outage", "refused", "longest_wait"),
    [
        pytest.param(Fleet(), 4.9, 0, 0, id="shorter than two probes"),
        # The second failure is at 10 s at the latest; the first success 5 s after the end at most.
        pytest.param(Fleet(), 60, 1, 2.8, id="longer"),
        pytest.param(Fleet(utilization=0.1), 60, 1, 0.6, id="an idle fleet"),
        pytest.param(Fleet(asks_redis=False), 60, 0, 0, id="readiness does not ask"),
    ],
)
def test_a_fleet_recovers(fleet: Fleet, outage: float, refused: float, longest_wait: float) -> None:
    found = simulate(fleet, outage)
    assert found.refused_seconds == pytest.approx(refused, abs=0.1)
    assert found.longest_wait_seconds == pytest.approx(longest_wait, abs=0.3)
