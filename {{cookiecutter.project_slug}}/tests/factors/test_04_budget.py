"""IV. Backing services: one time limit, whatever is waited for. https://12factor.net/backing-services"""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.factors.support.assertions import proves, timed
from tests.factors.support.name_server import NAMES
from tests.factors.support.probe import COUNT

NAME = "redis.example"
# The default of REDIS_TIMEOUT, and a tolerance for a busy machine.
DEADLINE_SECONDS, TOLERANCE_SECONDS = 1, 0.25
SILENT_SECONDS = 20
DEAD = [f"127.0.1.{number}" for number in range(1, 9)]
pytestmark = timed


@pytest.fixture
def answer(tmp_path) -> Callable[..., None]:
    """Return a function that sets the answer of the name server."""

    def answer(seconds: float, *addresses: str) -> None:
        text = json.dumps({NAME: {"seconds": seconds, "addresses": addresses}})
        (tmp_path / "names").write_text(text)

    return answer


@pytest.fixture
def service(start, backing, answer, tmp_path):
    """Return a function that starts an instance whose Redis has a name."""

    def service():
        url = f"redis://{NAME}:{backing.port}/0"
        return start(REDIS_URL=url, WEB_CONCURRENCY="1", **{NAMES: str(tmp_path / "names")})

    return service


@pytest.fixture
def dead_addresses(backing) -> Iterator[None]:
    """Listen on addresses that drop the packets of new clients, because their backlog is full."""
    with ExitStack() as stack:
        for address in DEAD:
            server = stack.enter_context(socket.create_server((address, backing.port), backlog=0))
            for _ in range(3):
                client = stack.enter_context(socket.socket())
                client.setblocking(False)
                with suppress(BlockingIOError):
                    client.connect(server.getsockname())
        yield


def time_request(service, path: str) -> tuple[int, float]:
    """Return the status of a request, and its duration in seconds."""
    started = time.monotonic()
    return service.get(path).status, time.monotonic() - started


@proves("IV.10")
def test_a_silent_name_server_costs_one_time_limit_and_delays_no_stop(service, answer, evidence):
    answer(SILENT_SECONDS, "127.0.0.1")
    instance = service()
    for path in (COUNT, "/readyz"):
        status, seconds = time_request(instance, path)
        assert (status, seconds < DEADLINE_SECONDS + TOLERANCE_SECONDS) == (503, True)
    assert time_request(instance, "/livez")[1] < TOLERANCE_SECONDS
    started = time.monotonic()
    assert instance.stop() == 0
    assert time.monotonic() - started < 2
    evidence(f"silent name server: {seconds:.2f} s of {DEADLINE_SECONDS} s")


@proves("IV.10")
def test_the_last_known_address_is_used_while_the_name_server_is_silent(service, answer, backing):
    answer(0, "127.0.0.1")
    instance = service()
    assert instance.count() == 1
    answer(SILENT_SECONDS, "127.0.0.1")
    with backing.client() as redis:
        redis.client_kill_filter(_type="normal", skipme=True)
    assert [instance.count() for _ in range(4)] == [2, 3, 4, 5]


@proves("IV.10")
def test_eight_dead_addresses_cost_one_time_limit(service, answer, dead_addresses, evidence):
    answer(0, *DEAD)
    status, seconds = time_request(service(), COUNT)
    assert (status, seconds < DEADLINE_SECONDS + TOLERANCE_SECONDS) == (503, True)
    evidence(f"eight dead addresses: {seconds:.2f} s of {DEADLINE_SECONDS} s")


@proves("IV.10")
def test_an_address_that_answers_is_found_behind_dead_ones(service, answer, dead_addresses):
    answer(0, *DEAD[:7], "127.0.0.1")
    assert service().count() == 1
