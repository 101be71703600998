"""Clients of several instances: they spread what they ask, and check what they get."""

import asyncio
import itertools
import json
import re
import socket
import time
from contextlib import suppress
from typing import NamedTuple

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


class WrongAnswerError(ValueError):
    """An answer that does not fit what was asked."""


class Answer(NamedTuple):
    """What came back; the head is in lower case."""

    head: bytes
    body: bytes

    def visit(self, asked: int) -> int | None:
        """Return the number of the visit, if one was counted; raises WrongAnswerError."""
        wanted = 405 if is_post(asked) else 200
        if (status := int(self.head[9:12])) != wanted:
            raise WrongAnswerError(f"answered with {status}")
        if b"\r\nx-request-id: %d\r\n" % asked not in self.head + b"\r\n":
            raise WrongAnswerError("the answer to another request")
        return None if is_post(asked) else int(json.loads(self.body)["visits"])


def is_post(number: int) -> bool:
    """Tell whether a request is a POST, which the service refuses; every tenth is."""
    return number % 10 == 0


def request(number: int, last: bool) -> bytes:
    """Return a request as it is sent; its id is its number."""
    method, body = ("POST", "visits=1000") if is_post(number) else ("GET", "")
    lines = [f"{method} / HTTP/1.1", "Host: localhost", f"X-Request-ID: {number}"]
    lines += ["Connection: close"] * last + [f"Content-Length: {len(body)}"] * is_post(number)
    return "\r\n".join([*lines, "", body]).encode()


async def exchange(sock: socket.socket, text: bytes) -> Answer:
    """Send a request, once, and return its answer; raises OSError or EOFError."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, text)
    got = b""
    while chunk := await loop.sock_recv(sock, 65536):
        got += chunk
        head, end, body = got.partition(b"\r\n\r\n")
        if end and (length := LENGTH.search(head)) and len(body) >= int(length[1]):
            return Answer(head.lower(), body)
    raise EOFError(f"the connection ended after {len(got)} bytes of the answer")


async def connect(port: int) -> socket.socket:
    """Return a connection; raises OSError."""
    sock = socket.socket()
    sock.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    except BaseException:
        sock.close()
        raise
    return sock


class Balancer:
    """Where connections go: to the ready instances in turn, and on to the next when one refuses.

    It knows what a load balancer knows: what /readyz answers, and who refuses.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.ready = ports, set(ports)
        self.turns = itertools.cycle(range(len(ports)))

    async def connect(self) -> socket.socket:
        """Return a connection; raises ConnectionRefusedError when every instance refuses."""
        turn = next(self.turns)
        ports = self.ports[turn:] + self.ports[:turn]
        for port in sorted(ports, key=lambda port: port not in self.ready):
            with suppress(ConnectionRefusedError):
                return await connect(port)
            self.ready.discard(port)
        raise ConnectionRefusedError("by every instance")

    async def watch(self, port: int) -> None:
        """Ask an instance again and again whether it is ready."""
        text = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        while True:
            head = b""
            with suppress(OSError, EOFError), await connect(port) as sock:
                head = (await exchange(sock, text)).head
            (self.ready.add if b" 200 " in head else self.ready.discard)(port)
            await asyncio.sleep(0.2)


class Visitor:
    """A client with so many requests for a connection, and pauses of up to so many seconds."""

    def __init__(self, balancer: Balancer, requests: int, pause: float = 0) -> None:
        self.balancer, self.requests, self.pause = balancer, requests, pause
        self.sock: socket.socket | None = None
        self.left, self.sent = 0, 0.0

    async def ask(self, number: int) -> Answer:
        """Send a request and return its answer; raises OSError or EOFError."""
        if not self.sock or has_ended(self.sock):
            self.hang_up()
            self.sock, self.left = await self.balancer.connect(), self.requests
        self.left -= 1
        self.sent = time.monotonic()
        answer = await exchange(self.sock, request(number, last=not self.left))
        if b"\r\nconnection: close" in answer.head:
            await asyncio.sleep(self.pause / 8)  # some are slow to hang up
            self.hang_up()
        return answer

    def hang_up(self) -> None:
        """Close the connection, if there is one."""
        if self.sock:
            self.sock.close()
        self.sock = None


def has_ended(sock: socket.socket) -> bool:
    """Tell whether the server has hung up, which a client looks for before it asks again."""
    try:
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
