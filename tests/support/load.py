"""Clients that visit a service continuously, and the failures that they see."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import pairwise

from tests.support.service import eventually


@dataclass
class Load:
    """Clients that visit continuously; one half uses a new connection per request."""

    url: str
    clients: int = 8
    pause: float = 0
    methods: Sequence[str] = ("GET",)
    numbers: list[int] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def visit(self, connection: HTTPConnection, method: str, headers: Mapping[str, str]) -> None:
        """Send a request, and record the number of the visit or the failure."""
        started = time.monotonic()
        try:
            connection.request(method, "/", headers=headers)
            response = connection.getresponse()
            body = response.read().decode()
        except (OSError, HTTPException) as error:
            self.failures.append(f"{error!r} after {time.monotonic() - started:.1f} s")
            connection.close()
            return
        if response.status == 200:
            self.answered.append(time.monotonic())
            self.numbers.append(int(json.loads(body)["visits"]))
        else:
            self.failures.append(f"{response.status} {body[:200]}")

    def run_client(self, number: int) -> None:
        """Visit until the load is stopped."""
        headers = {"Connection": "close"} if number % 2 else {}
        method = self.methods[number // 2 % len(self.methods)]
        address = self.url.removeprefix("http://")
        with closing(HTTPConnection(address, timeout=30)) as connection:
            while not self.stopped.wait(self.pause):
                self.visit(connection, method, headers)

    @property
    def repeated(self) -> int:
        """Return how many numbers were given twice."""
        return len(self.numbers) - len(set(self.numbers))

    def rate(self) -> float:
        """Return the visits per second that succeeded."""
        return len(self.answered) / (max(self.answered) - min(self.answered))

    def longest_gap(self) -> float:
        """Return the longest time (s) in which no visit succeeded."""
        times = sorted(self.answered)
        return max(after - before for before, after in pairwise(times))

    def wait_for(self, number: int) -> None:
        """Wait until a number of further visits succeeded."""
        wanted = len(self.numbers) + number
        eventually(lambda: len(self.numbers) >= wanted, 60, lambda: self.failures[-3:])


@contextmanager
def load(
    url: str, clients: int = 8, pause: float = 0, methods: Sequence[str] = ("GET",)
) -> Iterator[Load]:
    """Visit with many clients during a block, which starts after 50 visits.

    A pause (seconds) between the visits of a client leaves CPU time to other programs.
    """
    visits = Load(url, clients, pause, methods)
    with ThreadPoolExecutor(clients) as pool:
        futures: list[Future[None]] = [
            pool.submit(visits.run_client, one) for one in range(clients)
        ]
        try:
            visits.wait_for(50)
            yield visits
            visits.wait_for(50)
        finally:
            visits.stopped.set()
    for one in futures:
        one.result()
