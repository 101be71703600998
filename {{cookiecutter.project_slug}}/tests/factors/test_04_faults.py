"""IV. Backing services: what a fault of Redis costs. https://12factor.net/backing-services"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from threading import Event
from typing import NamedTuple

import pytest

from tests.factors.support.faults import FAULTS
from tests.support.service import Service, eventually

# The default of REDIS_TIMEOUT in seconds, and what a busy machine may add.
BUDGET, SLACK = 1, 0.25
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def service(start, backing) -> Service:
    """Run an instance with a password, which a server without one takes as well."""
    service = start(REDIS_URL=backing.url.replace("://", "://:secret@"), WEB_CONCURRENCY="2")
    eventually(lambda: len(service.workers()) == 2)
    return service


@faults
def test_IV_3_a_fault_is_answered_and_explained_and_restarts_nobody(fault, service, backing):
    workers = service.workers()
    with fault.happens(backing):
        visit = service.get(**{"X-Request-ID": "visit-7"})
        ready = service.get("/readyz", **{"X-Request-ID": "probe-7"})
        assert service.get("/livez").status == 200
    assert (visit.status, ready.status) == (503, fault.ready)
    assert visit.headers["Content-Type"] == "application/problem+json"
    assert visit.headers["Retry-After"] == "1"
    assert service.workers() == workers

    reasons = [event for event in service.events() if event["message"] == "redis unavailable"]
    explained = {event["request_id"]: event["exception.type"] for event in reasons}
    failed = {"visit-7", "probe-7"} if fault.ready == 503 else {"visit-7"}
    assert explained == dict.fromkeys(failed, fault.error)


@faults
def test_IV_4_the_same_processes_serve_again_after_a_fault(fault, service, backing):
    workers, before = service.workers(), [service.visit() for _ in range(10)]
    with fault.happens(backing), ThreadPoolExecutor(16) as pool:
        failed = list(pool.map(lambda _: service.get().status, range(32)))
    assert failed == [503] * 32
    service.wait_until("/readyz", within=10)
    with ThreadPoolExecutor(16) as pool:
        eventually(lambda: {one.status for one in pool.map(timed, [service] * 32)} == {200})
        after = sorted(pool.map(Service.visit, [service] * 200))
    assert before[-1] < after[0]
    assert after == list(range(after[0], after[0] + 200))
    assert service.workers() == workers


@pytest.mark.parametrize("seconds", [0, 0.4])
def test_IV_4_a_restart_that_is_shorter_than_the_budget_costs_no_request(
    seconds, service, backing, evidence
):
    with visitors(service) as visits:
        eventually(lambda: len(visits) > 100)
        stopped = time.monotonic()
        backing.stop()
        time.sleep(seconds)
        backing.start()
        away = time.monotonic() - stopped
        eventually(lambda: visits[-1].begun > stopped + away + BUDGET)
    evidence(f"{len(visits)} visits over a restart of {away:.1f} s: none lost")
    assert {visit.status for visit in visits} == {200}


def test_IV_4_a_late_answer_is_not_taken_for_that_of_another_command(start, backing):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="1", REDIS_TIMEOUT="4s", KEY_PREFIX="late:")
    service.visit()
    with backing.client() as redis, ThreadPoolExecutor() as pool:
        with backing.frozen():
            visit = pool.submit(service.visit)
            time.sleep(1.5)  # one wait is a quarter of the budget, so the visit is in its second
        assert visit.result() == int(redis.get("late:visits"))
        for _ in range(5):
            assert service.visit() == int(redis.get("late:visits"))


@faults
def test_IV_5_a_request_ends_within_the_budget(fault, service, backing, evidence, request):
    service.visit()
    with fault.happens(backing):
        taken = max(timed(service, path).taken for path in ("/", "/readyz") * 2)

    evidence(f"{request.node.callspec.id}: {taken:.2f} s of {BUDGET} s")
    assert taken < BUDGET + SLACK


def test_IV_5_a_frozen_redis_does_not_hold_up_the_instance(service, backing, evidence):
    with visitors(service) as visits, visitors(service, "/livez", 1) as probes:
        eventually(lambda: len(visits) > 100 and probes)
        frozen = time.monotonic()
        with backing.frozen():
            time.sleep(2)  # how long the fault lasts
        back = time.monotonic()
        eventually(lambda: visits[-1].begun > back + BUDGET)

    for name, all_of_them in (("/", visits), ("/livez", probes)):
        usual = median(one.taken for one in all_of_them if one.begun + one.taken < frozen)
        taken = [one.taken for one in all_of_them if frozen < one.begun < back]
        evidence(f"frozen: {name} median {median(taken):.3f} s, longest {max(taken):.2f} s")
        assert median(taken) < usual + 0.2
        assert max(taken) < 2 * BUDGET
    assert {visit.status for visit in visits if visit.begun > back + SLACK} == {200}


class Visit(NamedTuple):
    """A request: when it began, how long it took, and how it was answered."""

    begun: float
    taken: float
    status: int


def timed(service: Service, path: str = "/") -> Visit:
    """Make a request; raises OSError."""
    begun = time.monotonic()
    status = service.get(path).status
    return Visit(begun, time.monotonic() - begun, status)


@contextmanager
def visitors(service: Service, path: str = "/", number: int = 16) -> Iterator[list[Visit]]:
    """Let some visitors come again and again; raises OSError when one was not answered."""
    visits: list[Visit] = []
    enough = Event()

    def come() -> None:
        while not enough.is_set():
            visits.append(timed(service, path))

    with ThreadPoolExecutor(number) as pool:
        running = [pool.submit(come) for _ in range(number)]
        try:
            yield visits
        finally:
            enough.set()
    for visitor in running:
        visitor.result()
