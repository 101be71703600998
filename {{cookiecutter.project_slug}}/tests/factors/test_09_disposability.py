"""IX. Disposability: fast startup and graceful shutdown. https://12factor.net/disposability"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.factors.support.assertions import proves, timed
from tests.factors.support.probe import SLOW
from tests.support.service import eventually

pytestmark = timed


@proves("IX.1")
def test_an_instance_is_ready_within_three_seconds(start, evidence):
    started = time.monotonic()
    start(alive=False).wait_until("/readyz", within=30)
    seconds = time.monotonic() - started

    evidence(f"ready after {seconds:.2f} s")
    assert seconds <= 3


@proves("IX.2")
def test_an_in_flight_request_is_answered_after_sigterm(start, backing, evidence):
    service = start()
    with backing.client() as redis, ThreadPoolExecutor() as pool:
        request = pool.submit(service.get, SLOW)
        eventually(redis.keys)  # the request is counted, and sleeps
        stopped_at = time.monotonic()
        assert service.stop() == 0
        assert request.result().json() == {"count": 1}
    evidence(f"drained in {time.monotonic() - stopped_at:.1f} s with a slow request in flight")


@proves("IX.3")
def test_an_idle_instance_stops_within_two_seconds(service, evidence):
    service.count()
    started = time.monotonic()
    assert service.stop() == 0
    seconds = time.monotonic() - started

    evidence(f"idle stop in {seconds:.2f} s")
    assert seconds < 2


@proves("IX.8")
def test_a_draining_instance_fails_readiness_and_serves_for_drain_delay(start, evidence):
    service = start(DRAIN_DELAY="3s")
    stopped_at = time.monotonic()
    service.process.send_signal(signal.SIGTERM)

    eventually(lambda: service.get("/readyz").status == 503, within=2)
    assert service.get("/readyz").json() == {"status": "draining"}
    answered = 0
    with suppress(ConnectionRefusedError):
        while service.count():
            answered += 1
    seconds = time.monotonic() - stopped_at
    evidence(f"{answered} requests in a lame-duck period of {seconds:.1f} s")
    assert 3 <= seconds < 5
    assert service.process.wait(timeout=10) == 0


@proves("IX.6")
def test_an_instance_starts_before_redis(start, backing):
    backing.stop()
    service = start()
    assert service.get("/readyz").status == 503
    workers = service.workers()

    backing.start()
    service.wait_until("/readyz", within=10)
    assert service.count() == 1
    assert service.workers() == workers


@proves("IX.7")
def test_an_instance_restarts_after_a_crash(start):
    crashed = start()
    assert crashed.count() == 1
    crashed.kill()

    again = start(PORT=crashed.environ["PORT"], TMPDIR=crashed.environ["TMPDIR"])
    assert again.count() == 2
    assert again.stop(signal.SIGTERM) == 0
