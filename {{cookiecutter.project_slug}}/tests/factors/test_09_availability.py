"""IX. Disposability under load: processes are replaced, and no request fails. https://12factor.net/disposability"""

import asyncio
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest

from tests.factors.support.assertions import proves, timed
from tests.factors.support.availability import LoadTest
from tests.factors.support.clients import connect, exchange
from tests.factors.support.instance import Instance
from tests.factors.support.probe import COUNT
from tests.factors.support.results import Results
from tests.support.service import eventually

MIN_REQUESTS, MIN_REPLACEMENTS = 100_000, 10
REQUEST = f"GET {COUNT} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = [
    timed,
    pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc"),
]


@pytest.fixture
def open_connection():
    """Return a function that opens a connection and sends bytes; all close after the test."""
    sockets: list[socket.socket] = []

    def open_connection(service: Instance, data: bytes) -> socket.socket:
        sockets.append(socket.create_connection(("127.0.0.1", service.port), timeout=30))
        sockets[-1].sendall(data)
        return sockets[-1]

    yield open_connection
    for sock in sockets:
        sock.close()


def read_status_line(sock: socket.socket) -> bytes:
    """Return the status line of a response; raises OSError."""
    with sock.makefile("rb") as response:
        return response.readline().strip()


def read_backlog(service: Instance) -> int:
    """Return the number of connections in the backlog of the listener."""
    tables = [path.read_text() for path in Path("/proc/net").glob("tcp*")]
    lines = [line.split() for table in tables for line in table.splitlines()[1:]]
    port = f"{service.port:04X}"
    listeners = [line for line in lines if line[1].endswith(f":{port}") and line[3] == "0A"]
    return sum(int(line[4].partition(":")[2], 16) for line in listeners)


def time_livez(service: Instance) -> float:
    """Return the seconds until /livez answers 200."""
    started = time.monotonic()
    assert service.get("/livez").status == 200
    return time.monotonic() - started


async def reuse_idle_connection(port: int) -> None:
    """Reuse a connection after the idle timeout of load balancers, 60 s; raises EOFError."""
    with await connect(port) as sock:
        for pause in (61, 0):
            assert b" 200 " in (await exchange(sock, LIVEZ)).head
            await asyncio.sleep(pause)


async def run(load_test: LoadTest, idle: Instance) -> Results:
    """Run a load test, with an idle connection to another instance meanwhile."""
    reuse = asyncio.create_task(reuse_idle_connection(idle.port))
    results = await load_test.run([service.port for service in load_test.services])
    await reuse
    return results


@proves("IX.5")
def test_instances_are_replaced_under_load_and_no_request_fails(start, backing, evidence):
    start = partial(start, LOG_LEVEL="WARNING", REDIS_TIMEOUT="2s", DRAIN_DELAY="1s")
    load_test = LoadTest([start(), start()], backing, start, MIN_REQUESTS, MIN_REPLACEMENTS)
    results = asyncio.run(run(load_test, idle=start()))
    counted = load_test.services[0].count() - 1

    for line in results.summarize():
        evidence(line)
    evidence(f"{len(results.numbers):,} distinct numbers acknowledged, count at {counted:,}")
    assert results.count_lost().total() <= results.requests / 100_000
    assert results.numbers <= set(range(1, counted + 1))


@proves("IX.5")
def test_a_killed_worker_loses_only_its_in_flight_requests(start, backing, open_connection):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="1", REDIS_TIMEOUT="20s")
    with backing.client() as redis:
        redis.execute_command("CLIENT", "PAUSE", "20000", "WRITE")
        open_connection(service, REQUEST)
        eventually(lambda: redis.info("clients")["blocked_clients"] == 1)
        queued = [open_connection(service, REQUEST) for _ in range(8)]
        eventually(lambda: read_backlog(service) == 8, within=5)
        os.kill(service.workers()[0], signal.SIGKILL)
        redis.execute_command("CLIENT", "UNPAUSE")
    assert [read_status_line(sock) for sock in queued] == [b"HTTP/1.1 200 OK"] * 8


@proves("IX.5")
def test_a_client_that_never_closes_delays_no_other_client(start, open_connection):
    service = start(WEB_CONCURRENCY="1")
    assert read_status_line(open_connection(service, REQUEST)) == b"HTTP/1.1 200 OK"
    assert sum(time_livez(service) for _ in range(3)) < 1


@proves("IX.5")
def test_busy_keep_alive_clients_delay_no_other_client(start):
    service, stopping = start(WEB_CONCURRENCY="1", WEB_THREADS="1"), Event()

    def send_requests() -> None:
        with closing(HTTPConnection("127.0.0.1", service.port, timeout=30)) as connection:
            while not stopping.is_set():
                connection.request("GET", COUNT)
                connection.getresponse().read()

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(send_requests) for _ in range(8)]
        try:
            assert max(time_livez(service) for _ in range(10)) < 1
        finally:
            stopping.set()
    assert [client.exception() for client in clients] == [None] * 8


@proves("IX.5")
def test_silent_clients_delay_neither_other_clients_nor_a_stop(start, open_connection):
    service = start(WEB_CONCURRENCY="1")
    for _ in range(8):
        open_connection(service, b"")
    started = time.monotonic()
    assert time_livez(service) < 1
    assert service.stop() == 0
    assert time.monotonic() - started < 5
