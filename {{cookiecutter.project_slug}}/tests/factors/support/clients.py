"""HTTP clients behind a load balancer, which verify that each response belongs to its request."""

import asyncio
import itertools
import json
import re
import socket
import time
from contextlib import suppress
from typing import NamedTuple

from tests.factors.support.probe import COUNT

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
READINESS_INTERVAL_SECONDS = 0.2


class WrongResponseError(ValueError):
    """A response that does not match its request."""


class Response(NamedTuple):
    """An HTTP response with its head in lower case."""

    head: bytes
    body: bytes

    def read_count(self, request_id: int) -> int | None:
        """Return the number of the request, or None for a POST; raises WrongResponseError."""
        expected = 405 if is_post(request_id) else 200
        if (status := int(self.head[9:12])) != expected:
            raise WrongResponseError(f"status {status}")
        if b"\r\nx-request-id: %d\r\n" % request_id not in self.head + b"\r\n":
            raise WrongResponseError("response to another request")
        return None if is_post(request_id) else int(json.loads(self.body)["count"])


def is_post(request_id: int) -> bool:
    """Return True if a request is a POST, which the service refuses; every tenth is."""
    return request_id % 10 == 0


def build_request(request_id: int, last: bool) -> bytes:
    """Return a request; the last one of a connection asks the server to close it."""
    method, body = ("POST", "count=1000") if is_post(request_id) else ("GET", "")
    lines = [f"{method} {COUNT} HTTP/1.1", "Host: localhost", f"X-Request-ID: {request_id}"]
    lines += ["Connection: close"] * last
    lines += [f"Content-Length: {len(body)}"] * is_post(request_id)
    return "\r\n".join([*lines, "", body]).encode()


async def exchange(sock: socket.socket, request: bytes) -> Response:
    """Send a request once, and return its response; raises OSError or EOFError."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(sock, request)
    received = b""
    while chunk := await loop.sock_recv(sock, 65536):
        received += chunk
        head, end, body = received.partition(b"\r\n\r\n")
        if end and (length := CONTENT_LENGTH.search(head)) and len(body) >= int(length[1]):
            return Response(head.lower(), body)
    raise EOFError(f"connection closed after {len(received)} bytes of the response")


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


class LoadBalancer:
    """Round robin over the ready instances, with failover when a connection is refused."""

    def __init__(self, ports: list[int]) -> None:
        self.ports, self.ready = ports, set(ports)
        self.rotation = itertools.cycle(range(len(ports)))

    async def connect(self) -> socket.socket:
        """Return a connection; raises ConnectionRefusedError if every instance refuses."""
        first = next(self.rotation)
        ports = self.ports[first:] + self.ports[:first]
        for port in sorted(ports, key=lambda port: port not in self.ready):
            with suppress(ConnectionRefusedError):
                return await connect(port)
            self.ready.discard(port)
        raise ConnectionRefusedError("by every instance")

    async def poll_readiness(self, port: int) -> None:
        """Poll /readyz of an instance until the task is cancelled."""
        request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        while True:
            head = b""
            with suppress(OSError, EOFError), await connect(port) as sock:
                head = (await exchange(sock, request)).head
            (self.ready.add if b" 200 " in head else self.ready.discard)(port)
            await asyncio.sleep(READINESS_INTERVAL_SECONDS)


class Client:
    """Client with a number of requests per connection, and pauses between them in seconds."""

    def __init__(self, balancer: LoadBalancer, requests: int, max_pause: float = 0) -> None:
        self.balancer, self.requests, self.max_pause = balancer, requests, max_pause
        self.sock: socket.socket | None = None
        self.requests_left, self.sent_at = 0, 0.0

    async def send(self, request_id: int) -> Response:
        """Send a request, and return its response; raises OSError or EOFError."""
        if not self.sock or is_closed_by_server(self.sock):
            self.close()
            self.sock, self.requests_left = await self.balancer.connect(), self.requests
        self.requests_left -= 1
        self.sent_at = time.monotonic()
        response = await exchange(self.sock, build_request(request_id, not self.requests_left))
        if b"\r\nconnection: close" in response.head:
            await asyncio.sleep(self.max_pause / 8)  # real clients may close late
            self.close()
        return response

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self.sock:
            self.sock.close()
        self.sock = None


def is_closed_by_server(sock: socket.socket) -> bool:
    """Return True if the server closed the connection, so that it cannot be reused."""
    try:
        return not sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
