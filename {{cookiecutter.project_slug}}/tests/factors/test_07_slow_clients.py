"""VII. Port binding: slow clients of an instance without a load balancer. https://12factor.net/port-binding"""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.factors.support import procfs
from tests.factors.support.assertions import proves, timed
from tests.factors.support.probe import BODY, COUNT, PAGE
from tests.support.service import eventually

GET, POST = f"GET {COUNT} HTTP/1.1\r\n", f"POST {BODY} HTTP/1.1\r\nHost: a\r\n"
# What a client sends before it falls silent.
SILENT = {
    "nothing": "",
    "one byte": "G",
    "half a head": f"{GET}Host: a\r\n",
    "half a body": f"{POST}Content-Length: 1000\r\n\r\nhalf",
    "half a chunk": f"{POST}Transfer-Encoding: chunked\r\n\r\n5\r\nhal",
    "half a second request": "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /ga",
}
# What a client sends before it sends a byte every second.
SLOW = {"a slow head": GET, "a slow body": f"{POST}Content-Length: 1000\r\n\r\nhalf"}
# A client that reads no response; the connection is kept alive.
UNREAD = f"GET {PAGE} HTTP/1.1\r\nHost: a\r\n\r\n" * 20
CLIENTS = 100
# The instance closes a connection after 10 s.
DEADLINE_SECONDS = 13


@pytest.fixture
def open_connections() -> Iterator[list[socket.socket]]:
    """Return a list of connections, which close after the test."""
    connections: list[socket.socket] = []
    yield connections
    for connection in connections:
        connection.close()


# Connections that one of these ends are closed by the client: with FIN, or with RST.
LINGER = {"closed": struct.pack("ii", 0, 0), "reset": struct.pack("ii", 1, 0)}


def connect(service, data: str) -> list[socket.socket]:
    """Open CLIENTS connections that send data."""
    opened = []
    for _ in range(CLIENTS):
        opened.append(socket.create_connection(("127.0.0.1", service.port), timeout=30))
        opened[-1].sendall(data.encode())
    return opened


def is_closed(connection: socket.socket) -> bool:
    """Return True once the instance has closed a connection, after all that it sent is read."""
    try:
        while received := connection.recv(65536, socket.MSG_DONTWAIT):
            del received
    except BlockingIOError:
        return False
    except ConnectionResetError:
        pass
    return True


@proves("VII.7")
@timed
def test_slow_clients_delay_no_other_and_are_closed(service, open_connections, evidence):
    silent = [one for data in SILENT.values() for one in connect(service, data)]
    slow = [one for data in SLOW.values() for one in connect(service, data)]
    open_connections += silent + slow + connect(service, UNREAD)
    started, slowest, counted = time.monotonic(), 0.0, service.count()

    def all_are_closed() -> bool:
        nonlocal slowest, counted
        for connection in slow:
            with suppress(OSError):
                connection.sendall(b"x")
        before = time.monotonic()
        assert service.get("/livez").status == 200
        slowest = max(slowest, time.monotonic() - before)
        assert slowest < 1
        counted += 1
        assert service.count() == counted
        time.sleep(0.5)  # the pace of the slow clients
        return all(map(is_closed, silent + slow))

    eventually(all_are_closed, within=DEADLINE_SECONDS)
    seconds = time.monotonic() - started
    evidence(f"{len(open_connections)} slow clients: /livez after {slowest:.2f} s at most")
    evidence(f"slow clients closed after {seconds:.0f} s")
    # All but those that have sent nothing
    statuses = [event.get("http.response.status_code") for event in service.events()]
    assert statuses.count(408) == len(silent + slow) - CLIENTS


@proves("VII.7")
@procfs.requires_procfs
@pytest.mark.parametrize("linger", LINGER.values(), ids=LINGER)
def test_clients_that_leave_take_their_connections_with_them(start, linger):
    service = start(WEB_CONCURRENCY="1")
    [worker] = service.workers()
    service.count()
    before = len(procfs.read_descriptors(worker))
    for data in (*SILENT.values(), *SLOW.values(), UNREAD):
        for connection in connect(service, data):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.close()
    # Without a request that waits for its deadline
    eventually(lambda: len(procfs.read_descriptors(worker)) <= before, within=5)
