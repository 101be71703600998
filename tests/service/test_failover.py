"""A service follows its Redis through failovers and a reshard, under load and without a restart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Timer

import pytest
from redis import Redis, RedisError

from tests.service.workers import wait_for_workers
from tests.support import clusters, sentinels
from tests.support.clusters import run_cluster
from tests.support.fixtures import Serve, Tally
from tests.support.load import load
from tests.support.sentinels import run_sentinels
from tests.support.servers import Group
from tests.support.service import Service, eventually

Run = Callable[[Path], AbstractContextManager[Group]]
pytestmark = pytest.mark.failover
REDIS_TIMEOUT_SECONDS = 1
# From the failure of a server that the others noticed to a primary that accepts writes
ELECTION_SECONDS = 2.5
# Sentinels demote a primary after they promoted its replica; until then it acknowledges writes.
SPLIT_SECONDS = 1.5
MOVES = 10
# Each kind of group with the seconds after which its members give a server up
GROUPS: dict[str, tuple[Run, float]] = {
    "sentinels": (run_sentinels, sentinels.DOWN_AFTER_SECONDS),
    "cluster": (run_cluster, clusters.NODE_TIMEOUT_SECONDS),
}
# Each fault with the seconds in which clients notice it
FAULTS: dict[str, tuple[Callable[[Group], None], float]] = {
    "killed": (Group.kill_primary, REDIS_TIMEOUT_SECONDS),
    "frozen": (Group.freeze_primary, REDIS_TIMEOUT_SECONDS),
    "planned": (lambda group: group.fail_over(), 0),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for the servers."""
    folder = tmp_path / "servers"
    folder.mkdir()
    return folder


def start(
    serve: Serve, group: Group, seconds: int = REDIS_TIMEOUT_SECONDS
) -> tuple[Service, set[int]]:
    """Run a service with the URL of a group, and return its workers, too."""
    service = serve(REDIS_URL=group.url, REDIS_TIMEOUT=f"{seconds}s")
    return service, set(wait_for_workers(service))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", GROUPS)
def test_a_failover_needs_no_restart(
    kind: str, fault: str, serve: Serve, folder: Path, tally: Tally
) -> None:
    run, noticed = GROUPS[kind]
    cause, more = FAULTS[fault]
    with run(folder) as group:
        service, workers = start(serve, group)
        before = group.primary()
        with load(f"http://127.0.0.1:{service.port}", 8, pause=0.005) as visits:
            visits.wait_for(200)
            cause(group)
            eventually(lambda: group.primary() != before)
            visits.wait_for(500)
        seconds = visits.longest_gap()
        assert seconds <= noticed + ELECTION_SECONDS + more
        assert all(one.startswith("503 ") for one in visits.failures), visits.failures
        assert set(service.workers()) == workers
    # Replication is asynchronous: the new primary may lack the last numbers of the former one.
    split = SPLIT_SECONDS if (kind, fault) == ("sentinels", "planned") else 0
    assert visits.repeated <= visits.clients + split * visits.rate()
    tally(f"milliseconds without an answer in a failover ({kind}, {fault})", round(seconds * 1000))
    tally(f"visits with 503 during a failover ({kind}, {fault})", len(visits.failures))
    tally("numbers given twice by failovers", visits.repeated)


def test_a_reshard_costs_nothing(serve: Serve, folder: Path, tally: Tally) -> None:
    with run_cluster(folder) as cluster:
        # A busy machine delays an answer by more than a quarter of a second.
        service, workers = start(serve, cluster, seconds=4)
        old, new = cluster.primary(), cluster.add_node()
        with load(f"http://127.0.0.1:{service.port}", 8, pause=0.005) as visits:
            for number in range(MOVES):
                cluster.move_slot(old if number % 2 else new)
                visits.wait_for(50)
        assert visits.failures == []
        assert sorted(visits.numbers) == list(range(1, len(visits.numbers) + 1))
        assert set(service.workers()) == workers
    tally("visits during reshards", len(visits.numbers))


def test_a_count_that_a_replica_has_survives_a_killed_primary(folder: Path, tally: Tally) -> None:
    with run_sentinels(folder) as group:
        before, waited = group.primary(), 0
        killer = Timer(0.5, group.kill_primary)
        killer.start()
        with Redis(port=before) as redis, suppress(RedisError):
            while True:
                pipeline = redis.pipeline(transaction=False).incr("count").wait(1, 100)
                number, replicas = pipeline.execute()
                waited = number if replicas else waited
        killer.join()
        eventually(lambda: group.primary() != before)
        kept = int(group.ask(group.primary(), "GET", "count"))
    assert kept >= waited > 0
    tally("counts that WAIT kept through a failover", waited)
