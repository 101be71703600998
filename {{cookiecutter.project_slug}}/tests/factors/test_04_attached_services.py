"""IV. Backing services: each one that the app registers. https://12factor.net/backing-services"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.factors.support import service_file
from tests.factors.support.assertions import proves, timed
from tests.factors.support.backing import Backing
from tests.factors.support.instance import Instance
from tests.factors.support.probe import ONCE, SECOND_REDIS
from tests.support.service import eventually

# The probe registers a second Redis under this name.
SECOND = "gate"
# For the answer of /readyz while a backing service is away, and for its recovery. libpq, the client library
# of PostgreSQL, has no shorter time limit for a connection than 2 s.
DEADLINE_SECONDS, RECOVERY_SECONDS = 2.5, 10
pytestmark = timed


@pytest.fixture
def second(tmp_path) -> Iterator[Backing]:
    """Run the second Redis of the probe."""
    (tmp_path / "second").mkdir()
    server = Backing(tmp_path / "second")
    yield server
    server.stop()


@pytest.fixture
def service(start, second) -> Instance:
    """Run an instance with the second Redis."""
    service = start(WEB_CONCURRENCY="2", **{SECOND_REDIS: second.url})
    eventually(lambda: len(service.workers()) == 2)
    return service


@pytest.fixture(params=[SECOND, *service_file.read("backing_services")])
def attached(request, second, declared):
    """Return the name of a backing service, and the service."""
    return request.param, {SECOND: second, **declared}[request.param]


def time_readyz(service: Instance) -> tuple[dict[str, str], float]:
    """Return the states of /readyz, and the seconds until they came."""
    started = time.monotonic()
    return service.get("/readyz").json(), time.monotonic() - started


@proves("IV.11")
def test_service_toml_declares_every_registered_backing_service(service):
    asked = set(service.get("/readyz").json()) - {"status"}
    missing = asked - {"redis", SECOND, *service_file.read("backing_services")}

    assert not missing, f"{service_file.NAME}: no table [backing_services.{min(missing)}]"
    assert asked == {"redis", SECOND, *service_file.read("backing_services")}


@proves("IV.11")
def test_readyz_names_the_service_that_is_away_and_no_process_restarts(service, attached, evidence):
    name, server = attached
    workers = service.workers()
    server.stop()
    states, seconds = time_readyz(service)
    assert service.get("/livez").status == 200
    assert {name for name, state in states.items() if state == "unavailable"} == {name}
    assert seconds < DEADLINE_SECONDS
    assert f"{name} unavailable" in {event["message"] for event in service.events()}

    server.start()
    service.wait_until("/readyz", within=RECOVERY_SECONDS)
    assert service.workers() == workers
    evidence(f"without {name}: /readyz after {seconds:.2f} s")


@proves("IV.11")
def test_a_frozen_service_delays_readyz_by_no_more_than_its_budget(service, attached):
    name, server = attached
    with server.freeze():
        states, seconds = time_readyz(service)
        assert service.get("/livez").status == 200
    assert states[name] == "unavailable"
    assert seconds < DEADLINE_SECONDS

    service.wait_until("/readyz", within=RECOVERY_SECONDS)


@proves("IV.9")
def test_a_command_that_may_have_been_executed_is_not_sent_again(start, backing):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="1", REDIS_TIMEOUT="4s")
    service.get(ONCE)
    with backing.client() as redis, ThreadPoolExecutor() as pool:
        with backing.freeze():
            request = pool.submit(service.get, ONCE)
            # An attempt takes a quarter of the deadline: a second one would be sent meanwhile.
            time.sleep(1.5)
        assert request.result().status == 503
        [key] = redis.keys()
        # Redis executes the command, although its answer was lost.
        eventually(lambda: redis.get(key) == "2")
        assert service.get(ONCE).json() == {"count": 3}
