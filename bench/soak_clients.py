"""Clients of the soak, bounded in number: good, slow, broken and hostile ones."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import cycle

from tests.factors.support.hostile_requests import LOG_ATTACKS, MALFORMED_WITH_SECRET, REFUSALS
from tests.factors.support.probe import COUNT
from tests.factors.test_07_slow_clients import SILENT, SLOW, UNREAD

END = b"\r\nHost: a\r\nConnection: close\r\n\r\n"
HOSTILE = [one + END for one in (*REFUSALS, *LOG_ATTACKS, *MALFORMED_WITH_SECRET)]
STALLED = [text.encode() for text in (*SILENT.values(), *SLOW.values(), UNREAD)]
GOOD = (
    b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % COUNT.encode(),
    b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
)
NUMBERS = {"good": 8, "slow": 24, "broken": 4, "hostile": 4}
PAUSE_SECONDS = {"good": 0.05, "slow": 0.1, "broken": 0.1, "hostile": 0.1}
CLOSED_SECONDS, RECOVERY_SECONDS = 30, 3
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() send RST


class Clients:
    """All clients of one instance, and what they have seen."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sent: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.counts: Counter[int] = Counter()
        self.fault_until = 0.0

    def begin_fault(self) -> None:
        """Accept 503 until the end of a fault."""
        self.fault_until = float("inf")

    def end_fault(self) -> None:
        """Accept 503 for a few seconds more."""
        self.fault_until = time.monotonic() + RECOVERY_SECONDS

    async def run(self, seconds: float, faults: asyncio.Task[None]) -> None:
        """Run the clients for a time, and then let each end its connection."""
        self.ends_at = time.monotonic() + seconds
        kinds = {name: getattr(self, f"be_{name}") for name in NUMBERS}
        clients = [
            asyncio.create_task(self.repeat(name, kinds[name], number))
            for name, many in NUMBERS.items()
            for number in range(many)
        ]
        await asyncio.gather(*clients)
        while self.fault_until == float("inf"):
            await asyncio.sleep(0.1)
        faults.cancel()

    async def repeat(self, name: str, act: Callable[[bytes], Awaitable[None]], number: int) -> None:
        """Act with one text after another, each client beginning with a text of its own."""
        texts = {"good": list(GOOD), "hostile": HOSTILE}.get(name, STALLED)
        for text in cycle(texts[number % len(texts) :] + texts[: number % len(texts)]):
            if time.monotonic() > self.ends_at:
                return
            self.sent[name] += 1
            try:
                async with asyncio.timeout(CLOSED_SECONDS):
                    await act(text)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                self.problems[f"{name}: {type(error).__name__}: {error} after {text[:40]!r}"] += 1
            await asyncio.sleep(PAUSE_SECONDS[name])

    async def be_good(self, text: bytes) -> None:
        """Send a few requests on a connection, and check every answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for _ in range(5):
                writer.write(text)
                head = await reader.readuntil(b"\r\n\r\n")
                status, is_fault = int(head[9:12]), time.monotonic() < self.fault_until
                if status != 200 and not (status == 503 and is_fault):
                    self.problems[f"good: status {status}"] += 1
                if text.startswith(b"GET"):
                    length = head.lower().partition(b"content-length: ")[2].split()[0]
                    body = await reader.readexactly(int(length))
                    if status == 200:
                        self.counts[json.loads(body)["count"]] += 1
        finally:
            writer.close()

    async def be_slow(self, text: bytes) -> None:
        """Send a part of a request, or read no answer, until the instance closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**12)
        try:
            writer.write(text)
            if text == UNREAD.encode():
                await asyncio.sleep(5)  # kept alive, and nothing of it is read
                return
            with suppress(ConnectionResetError):
                while await reader.read(1000):
                    pass
        finally:
            writer.transport.abort()

    async def be_broken(self, text: bytes) -> None:
        """Send a part of a request, and reset the connection."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(text)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.close()

    async def be_hostile(self, text: bytes) -> None:
        """Send a malformed request, and read the answer up to the close of the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(text)
            with suppress(ConnectionResetError):
                while await reader.read(65536):
                    pass
        finally:
            writer.close()

    def find_problems(self) -> dict[str, int]:
        """Return each problem with its number; a count that was answered twice is one."""
        twice = sum(number - 1 for number in self.counts.values())
        return {**self.problems, **({"a count that was answered twice": twice} if twice else {})}
