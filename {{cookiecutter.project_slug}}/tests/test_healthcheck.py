"""The healthcheck of the image, against servers that are well, unwell, gone and silent."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.service import free_port

CHECK = [sys.executable, "-I", "-S", "healthcheck.py"]
READY = b"HTTP/1.1 200 OK\r\n\r\n"


def check(port: int) -> int:
    """Return the status of a check."""
    environ = {"PATH": os.defpath, "PORT": str(port)}
    return subprocess.run(CHECK, env=environ, capture_output=True, timeout=10).returncode


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def answering(server: socket.socket, *parts: bytes) -> int:
    """Answer one request in these parts, and return the port."""

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
        pytest.param([READY[:4], READY[4:]], 0, id="ready in pieces"),
        pytest.param([b"HTTP/1.1 503 SERVICE UNAVAILABLE\r\n\r\n"], 1, id="not ready"),
        pytest.param([b"HTTP/1.1 308 PERMANENT REDIRECT\r\n\r\n"], 1, id="elsewhere"),
        pytest.param([b"HTTP/1.1 2"], 1, id="cut off"),
        pytest.param([], 1, id="hung up"),
    ],
)
def test_an_instance_is_healthy_when_it_says_that_it_is_ready(server, parts, status):
    assert check(answering(server, *parts)) == status


def test_a_closed_port_is_unhealthy():
    assert check(free_port()) == 1


def test_a_server_that_hangs_is_unhealthy_in_time(server):
    started = time.monotonic()
    assert check(server.getsockname()[1]) == 1
    assert time.monotonic() - started < 4
