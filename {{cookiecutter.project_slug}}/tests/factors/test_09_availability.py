"""IX. Disposability under load: processes come and go, and clients do not notice. https://12factor.net/disposability"""

import asyncio
import os
import signal
import socket
import time
from functools import partial
from pathlib import Path

import pytest

from tests.factors.support.availability import Storm
from tests.factors.support.clients import connect, exchange
from tests.factors.support.outcome import Outcome
from tests.support.service import Service, eventually

REQUESTS, REPLACEMENTS = 100_000, 10
VISIT = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
ALIVE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's /proc")


@pytest.fixture
def say():
    """Return a function that connects to an instance and says something; all hang up with the test."""
    sockets: list[socket.socket] = []

    def say(service: Service, text: bytes) -> socket.socket:
        sockets.append(socket.create_connection(("127.0.0.1", service.port), timeout=30))
        sockets[-1].sendall(text)
        return sockets[-1]

    yield say
    for sock in sockets:
        sock.close()


def status(sock: socket.socket) -> bytes:
    """Return the status line of an answer; raises OSError."""
    with sock.makefile("rb") as answer:
        return answer.readline().strip()


def waiting(service: Service) -> int:
    """Return how many connections wait to be accepted."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    listener = [f"00000000:{service.port:04X}", "00000000:0000", "0A"]
    return next(int(line[4].partition(":")[2], 16) for line in lines if line[1:4] == listener)


async def idle(port: int) -> None:
    """Use a connection again after a minute, which is how long load balancers keep one; raises EOFError."""
    with await connect(port) as sock:
        for pause in (61, 0):
            assert b" 200 " in (await exchange(sock, ALIVE)).head
            await asyncio.sleep(pause)


async def run(storm: Storm, quiet: Service) -> Outcome:
    """Run a storm, while a connection to another instance idles."""
    idling = asyncio.create_task(idle(quiet.port))
    outcome = await storm.run([service.port for service in storm.services])
    await idling
    return outcome


def test_IX_5_instances_are_replaced_under_load_and_no_request_fails(start, backing, evidence):
    start = partial(start, LOG_LEVEL="WARNING", REDIS_TIMEOUT="2s")
    storm = Storm([start(), start()], backing, start, REQUESTS, REPLACEMENTS)
    outcome = asyncio.run(run(storm, quiet=start()))
    counter = storm.services[0].visit() - 1

    for figure in outcome.figures():
        evidence(figure)
    evidence(f"{len(outcome.numbers):,} different numbers acknowledged, the counter at {counter:,}")
    assert outcome.lost().total() <= outcome.sent / 100_000
    assert outcome.numbers <= set(range(1, counter + 1))


def test_IX_5_a_killed_worker_takes_no_more_with_it_than_its_threads_had(start, backing, say):
    service = start(WEB_CONCURRENCY="1", WEB_THREADS="1", REDIS_TIMEOUT="20s")
    with backing.client() as redis:
        redis.execute_command("CLIENT", "PAUSE", "20000", "WRITE")
        say(service, VISIT)
        eventually(lambda: redis.info("clients")["blocked_clients"] == 1)
        others = [say(service, VISIT) for _ in range(8)]
        eventually(lambda: waiting(service) == 8, within=5)
        os.kill(service.workers()[0], signal.SIGKILL)
        redis.execute_command("CLIENT", "UNPAUSE")
    assert [status(sock) for sock in others] == [b"HTTP/1.1 200 OK"] * 8


def test_IX_5_a_client_that_does_not_hang_up_delays_nobody(start, say):
    service = start(WEB_CONCURRENCY="1")
    assert status(say(service, VISIT)) == b"HTTP/1.1 200 OK"
    started = time.monotonic()
    assert [service.get("/livez").status for _ in range(3)] == [200] * 3
    assert time.monotonic() - started < 1


def test_IX_5_clients_that_say_nothing_delay_nobody(start, say):
    service = start(WEB_CONCURRENCY="1")
    for _ in range(8):
        say(service, b"")
    started = time.monotonic()
    assert service.get("/livez").status == 200
    assert time.monotonic() - started < 1
    assert service.stop() == 0
    assert time.monotonic() - started < 5
