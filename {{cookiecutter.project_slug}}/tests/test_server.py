"""The service as a process: real gunicorn, real signals, and every line that it prints."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from threading import Event

import pytest

from tests.support.service import Service, eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


@pytest.fixture
def service(environ, redis, tmp_path) -> Iterator[Service]:
    service = Service(environ | {"RELEASE": "v7", "LOG_LEVEL": "DEBUG"}, tmp_path / "log")
    try:
        service.wait_until_alive()
        yield service
    finally:
        service.kill()


def requests(events: list[dict[str, object]], path: str) -> list[dict[str, object]]:
    return [event for event in events if event.get("url.path") == path]


def test_every_line_from_boot_to_shutdown_is_an_event(service):
    service.get("/nowhere%0a%7B%1b[31m", **{"User-Agent": "cur\x1b[31ml"})
    assert service.stop() == 0

    events = service.events()
    required = {"timestamp", "severity", "message", "logger", "service.name", "release"}
    assert all(required <= set(event) for event in events)
    assert {event["release"] for event in events} == {"v7"}
    messages = [str(event["message"]) for event in events]
    assert any(message.startswith("Starting gunicorn") for message in messages)
    assert any(message.startswith("Shutting down") for message in messages)


def test_a_request_is_one_event_with_its_id_and_trace(service):
    service.get("/", **{"X-Request-ID": "r-1", "traceparent": f"00-{TRACE}-{SPAN}-01"})
    service.stop()

    [event] = requests(service.events(), "/")
    expected = {
        "message": "request",
        "request_id": "r-1",
        "trace_id": TRACE,
        "span_id": SPAN,
        "http.request.method": "GET",
        "http.route": "/",
        "http.response.status_code": 200,
        "client.address": "127.0.0.1",
    }
    assert expected.items() <= event.items()
    assert 0 < event["duration_ms"] < 30_000


def test_secrets_are_never_logged(environ, service):
    service.get("/", Authorization="Bearer hunter2", Cookie="session=hunter2")
    service.stop()

    assert "hunter2" not in service.log.read_text()
    assert environ["SECRET_KEY"] not in service.log.read_text()


def test_probes_are_logged_at_debug_only(service):
    service.stop()

    assert {event["severity"] for event in requests(service.events(), "/livez")} == {"DEBUG"}


def test_the_metrics_count_every_worker(service):
    with ThreadPoolExecutor(4) as pool:
        assert {answer.status for answer in pool.map(lambda _: service.get("/"), range(40))} == {
            200
        }

    series = 'http_request_method="GET",http_response_status_code="200",http_route="/"'
    counted = f"http_server_request_duration_seconds_count{% raw %}{{{series}}}{% endraw %} 40.0"
    # A request is counted after its answer was sent.
    eventually(lambda: counted in service.get("/metrics").body)


def test_forwarded_headers_are_not_trusted_by_default(service):
    service.get("/", **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    service.stop()

    assert requests(service.events(), "/")[0]["client.address"] == "127.0.0.1"


def test_the_metrics_folder_is_gone_after_a_stop(environ, tmp_path):
    service = Service(environ | {"TMPDIR": str(tmp_path)}, tmp_path / "log")
    service.wait_until_alive()

    assert list(tmp_path.glob("*-metrics-*"))
    service.stop()
    assert not list(tmp_path.glob("*-metrics-*"))


def test_a_bad_configuration_stops_the_process_with_one_event(tmp_path):
    service = Service({"WEB_THREADS": "hunter2"}, tmp_path / "log")

    assert service.process.wait(timeout=30) == 1
    [event] = service.events()
    assert (event["severity"], event["message"]) == ("CRITICAL", "configuration refused")
    named = [problem.split(":")[0] for problem in event["problems"]]
    assert named == ["REDIS_URL", "SECRET_KEY", "WEB_THREADS"]
    assert "hunter2" not in service.log.read_text()


def test_an_idle_service_stops_at_once(service):
    started = time.monotonic()

    assert service.stop() == 0
    assert time.monotonic() - started < 5


def test_clients_that_stay_do_not_shut_out_new_ones(environ, redis, tmp_path):
    one = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1"}
    service, enough = Service(environ | one, tmp_path / "log"), Event()

    def stay() -> None:
        with closing(HTTPConnection("127.0.0.1", service.port, timeout=30)) as connection:
            while not enough.is_set():
                connection.request("GET", "/")
                connection.getresponse().read()

    try:
        service.wait_until_alive()
        with ThreadPoolExecutor(8) as pool:
            staying = [pool.submit(stay) for _ in range(8)]
            try:
                waits = [seconds(service) for _ in range(10)]
            finally:
                enough.set()
        assert [one.exception() for one in staying] == [None] * 8
        assert max(waits) < 1
    finally:
        service.kill()


def seconds(service: Service) -> float:
    started = time.monotonic()
    assert service.answers("/livez")
    return time.monotonic() - started
