"""IX. Disposability: processes start at once and stop without losing a request. https://12factor.net/disposability"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.service import eventually


def test_IX_1_it_is_ready_within_three_seconds(start, evidence):
    started = time.monotonic()
    start(alive=False).wait_until("/readyz", within=30)
    taken = time.monotonic() - started

    evidence(f"ready after {taken:.2f} s")
    assert taken <= 3


def test_IX_2_a_request_in_flight_ends_with_its_answer(start, backing, evidence):
    service = start(REDIS_TIMEOUT="20s")
    with backing.client() as redis, ThreadPoolExecutor() as pool:
        redis.execute_command("CLIENT", "PAUSE", "4000", "WRITE")
        visit = pool.submit(service.visit)
        eventually(lambda: redis.info("clients")["blocked_clients"] == 1)
        stopped = time.monotonic()
        assert service.stop() == 0
        assert visit.result() == 1
    evidence(f"drained in {time.monotonic() - stopped:.1f} s with a slow request in flight")


def test_IX_3_an_idle_instance_stops_within_two_seconds(service, evidence):
    service.visit()
    started = time.monotonic()
    assert service.stop() == 0
    taken = time.monotonic() - started

    evidence(f"idle stop in {taken:.2f} s")
    assert taken < 2


def test_IX_6_it_starts_before_redis_does(start, backing):
    backing.stop()
    service = start()
    assert service.get("/readyz").status == 503
    workers = service.workers()

    backing.start()
    service.wait_until("/readyz", within=10)
    assert service.visit() == 1
    assert service.workers() == workers


def test_IX_7_it_starts_again_after_a_crash(start):
    crashed = start()
    assert crashed.visit() == 1
    crashed.kill()

    again = start(PORT=crashed.environ["PORT"], TMPDIR=crashed.environ["TMPDIR"])
    assert again.visit() == 2
    assert again.stop(signal.SIGTERM) == 0
