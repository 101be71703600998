"""What can be asked of any running deploy from outside."""

import json
import os
import secrets
import shlex
import subprocess
from typing import Any

import pytest

from tests.support.service import eventually

# Attributes of every event
ATTRIBUTES = {"timestamp", "severity", "message", "service.name", "service.version", "release"}
# Headers of every response
HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}


def test_it_is_alive_and_ready(deploy):
    assert deploy.send("/livez").json() == {"status": "alive"}
    ready = deploy.send("/readyz")

    assert (ready.status, ready.json()["status"]) == (200, "ready")


def test_it_runs_the_expected_release(deploy):
    version = deploy.send("/version").json()
    expected = os.environ.get("EXPECTED_RELEASE") or version["release"]

    assert version["release"] == expected
    assert {"name", "commit", "release", "python"} <= version.keys()


def test_a_response_has_the_id_of_its_request_and_the_headers_of_every_response(deploy):
    request_id = secrets.token_hex(16)
    response = deploy.send("/livez", headers={"X-Request-ID": request_id})

    assert response.headers["X-Request-ID"] == request_id
    assert {name: response.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/no-such-route", 404), ("DELETE", "/livez", 405)]
)
def test_an_error_is_a_problem(method, path, status, deploy):
    response = deploy.send(path, method)

    assert response.status == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/" + "a" * 9000, {}, ""),
        ("/livez", {"A": "a" * 20_000}, ""),
        ("/no-such-route", {}, "a" * 200_000),
    ],
    ids=["a long path", "a large header", "a large body"],
)
def test_a_request_beyond_the_limits_is_refused(path, headers, body, deploy):
    response = deploy.send(path, "POST" if body else "GET", body, headers)

    # A balancer may refuse it first, and a route that does not exist needs no body.
    assert response.status in {400, 404, 413, 414, 431}


def test_metrics_are_text_or_not_public(deploy):
    metrics = deploy.send("/metrics")

    assert metrics.status == 404 or "http_server_request_duration_seconds" in metrics.body


def find_events(command: str, request_id: str) -> list[Any]:
    """Return the events of a request in the log that a command prints."""
    log = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True).stdout
    # Docker Compose puts an escape sequence before each event.
    return [json.loads(line[line.index("{") :]) for line in log.splitlines() if request_id in line]


def test_a_request_is_one_event_of_the_log(deploy):
    if not (command := os.environ.get("DEPLOY_LOGS")):
        pytest.skip("DEPLOY_LOGS names no command that prints the log")
    request_id = secrets.token_hex(16)
    deploy.send("/no-such-route", headers={"X-Request-ID": request_id})
    [event] = eventually(lambda: find_events(command, request_id))

    assert event.keys() >= ATTRIBUTES
    assert event["release"] == deploy.send("/version").json()["release"]
    assert event["http.response.status_code"] == 404
