"""IV. Backing services: faults of Redis, and the recovery from them. https://12factor.net/backing-services"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from statistics import median
from threading import Event
from typing import NamedTuple

import pytest

from tests.factors.support.assertions import proves, timed
from tests.factors.support.faults import FAULTS
from tests.factors.support.instance import Instance
from tests.factors.support.probe import COUNT
from tests.support.service import eventually

# The default of REDIS_TIMEOUT, and a tolerance for a busy machine.
DEADLINE_SECONDS, TOLERANCE_SECONDS = 1, 0.25
pytestmark = timed
each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)


@pytest.fixture
def service(start, backing) -> Instance:
    """Run an instance with a password in its URL; a server without a password accepts it."""
    service = start(REDIS_URL=backing.url.replace("://", "://:secret@"), WEB_CONCURRENCY="2")
    eventually(lambda: len(service.workers()) == 2)
    return service


@proves("IV.3")
@each_fault
def test_a_fault_gets_503_and_a_log_event_and_no_process_restarts(fault, service, backing):
    workers = service.workers()
    service.count()
    with fault.inject(backing):
        count = service.get(COUNT, **{"X-Request-ID": "count-7"})
        ready = service.get("/readyz", **{"X-Request-ID": "probe-7"})
        assert service.get("/livez").status == 200
    assert (count.status, ready.status) == (503, fault.readyz_status)
    assert count.headers["Content-Type"] == "application/problem+json"
    assert count.headers["Retry-After"] == "1"
    assert service.workers() == workers

    errors = [event for event in service.events() if event["message"] == fault.message]
    logged = {event["request_id"]: event["exception.type"] for event in errors}
    failed = {"count-7", "probe-7"} if fault.readyz_status == 503 else {"count-7"}
    assert logged == dict.fromkeys(failed, fault.error)


@proves("IV.4")
@each_fault
def test_the_same_processes_recover_after_a_fault(fault, service, backing):
    workers, before = service.workers(), [service.count() for _ in range(10)]
    with fault.inject(backing), ThreadPoolExecutor(16) as pool:
        failed = list(pool.map(lambda _: service.get(COUNT).status, range(32)))
    assert failed == [503] * 32
    service.wait_until("/readyz", within=10)
    with ThreadPoolExecutor(16) as pool:
        eventually(lambda: {one.status for one in pool.map(time_request, [service] * 32)} == {200})
        after = sorted(pool.map(Instance.count, [service] * 200))
    assert before[-1] < after[0]
    assert after == list(range(after[0], after[0] + 200))
    assert service.workers() == workers


@proves("IV.4")
@pytest.mark.parametrize("seconds", [0, 0.4])
def test_a_redis_restart_within_the_deadline_fails_no_request(seconds, service, backing, evidence):
    with send_continuously(service) as counts:
        eventually(lambda: len(counts) > 100)
        stopped_at = time.monotonic()
        backing.stop()
        time.sleep(seconds)
        backing.start()
        outage = time.monotonic() - stopped_at
        eventually(lambda: counts[-1].sent_at > stopped_at + outage + DEADLINE_SECONDS)
    evidence(f"{len(counts)} requests during a restart of {outage:.1f} s: none lost")
    assert {count.status for count in counts} == {200}


@proves("IV.4")
def test_a_late_reply_is_never_read_as_the_reply_to_another_command(start, backing):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="1", REDIS_TIMEOUT="4s", KEY_PREFIX="late:")
    service.count()
    with backing.client() as redis, ThreadPoolExecutor() as pool:
        with backing.freeze():
            count = pool.submit(service.count)
            time.sleep(1.5)  # an attempt takes a quarter of the deadline, so this is the second one
        assert count.result() == int(redis.get("late:gate"))
        for _ in range(5):
            assert service.count() == int(redis.get("late:gate"))


@proves("IV.5")
@each_fault
def test_a_request_ends_within_the_deadline(fault, service, backing, evidence, request):
    service.count()
    with fault.inject(backing):
        slowest = max(time_request(service, path).seconds for path in (COUNT, "/readyz") * 2)

    evidence(f"{request.node.callspec.id}: {slowest:.2f} s of {DEADLINE_SECONDS} s")
    assert slowest < DEADLINE_SECONDS + TOLERANCE_SECONDS


@proves("IV.5")
def test_a_frozen_redis_does_not_block_the_instance(service, backing, evidence):
    with send_continuously(service) as counts, send_continuously(service, "/livez", 1) as probes:
        eventually(lambda: len(counts) > 100 and probes)
        frozen_at = time.monotonic()
        with backing.freeze():
            time.sleep(2)  # duration of the fault
        thawed_at = time.monotonic()
        eventually(lambda: counts[-1].sent_at > thawed_at + DEADLINE_SECONDS)

    for name, requests in ((COUNT, counts), ("/livez", probes)):
        usual = median(one.seconds for one in requests if one.sent_at + one.seconds < frozen_at)
        durations = [one.seconds for one in requests if frozen_at < one.sent_at < thawed_at]
        evidence(f"frozen: {name} median {median(durations):.3f} s, longest {max(durations):.2f} s")
        assert median(durations) < usual + 0.2
        assert max(durations) < 2 * DEADLINE_SECONDS
    late = [count for count in counts if count.sent_at > thawed_at + TOLERANCE_SECONDS]
    assert {count.status for count in late} == {200}


class TimedRequest(NamedTuple):
    """A request: its start in monotonic seconds, its duration and its status."""

    sent_at: float
    seconds: float
    status: int


def time_request(service: Instance, path: str = COUNT) -> TimedRequest:
    """Send a request, and time it; raises OSError."""
    sent_at = time.monotonic()
    status = service.get(path).status
    return TimedRequest(sent_at, time.monotonic() - sent_at, status)


@contextmanager
def send_continuously(
    service: Instance, path: str = COUNT, clients: int = 16
) -> Iterator[list[TimedRequest]]:
    """Send requests from concurrent clients; raises OSError if one is not answered."""
    requests: list[TimedRequest] = []
    stopping = Event()

    def send() -> None:
        while not stopping.is_set():
            requests.append(time_request(service, path))

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(send) for _ in range(clients)]
        try:
            yield requests
        finally:
            stopping.set()
    for client in running:
        client.result()
