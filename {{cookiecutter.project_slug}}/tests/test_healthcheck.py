"""Healthcheck of the image, against servers that are ready, not ready, stopped and unresponsive."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.service import free_port

COMMAND = [sys.executable, "-I", "-S", "healthcheck.py"]
READY = b"HTTP/1.1 200 OK\r\n\r\n"


def run_check(port: int) -> int:
    """Run the healthcheck, and return its exit status."""
    environ = {"PATH": os.defpath, "PORT": str(port)}
    return subprocess.run(COMMAND, env=environ, capture_output=True, timeout=10).returncode


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def answer_once(server: socket.socket, *parts: bytes) -> int:
    """Answer one request with a response in parts, and return the port."""

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /readyz ")
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)

    threading.Thread(target=answer, daemon=True).start()
    return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param([READY], 0, id="ready"),
        pytest.param([READY[:4], READY[4:]], 0, id="ready in two packets"),
        pytest.param([b"HTTP/1.1 503 SERVICE UNAVAILABLE\r\n\r\n"], 1, id="not ready"),
        pytest.param([b"HTTP/1.1 308 PERMANENT REDIRECT\r\n\r\n"], 1, id="redirect"),
        pytest.param([b"HTTP/1.1 2"], 1, id="truncated"),
        pytest.param([], 1, id="closed"),
    ],
)
def test_an_instance_is_healthy_only_if_readyz_answers_200(server, parts, status):
    assert run_check(answer_once(server, *parts)) == status


def test_a_closed_port_is_unhealthy():
    assert run_check(free_port()) == 1


def test_an_unresponsive_server_is_unhealthy_within_four_seconds(server):
    started = time.monotonic()
    assert run_check(server.getsockname()[1]) == 1
    assert time.monotonic() - started < 4
