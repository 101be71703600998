"""Load client: closed loop, or open loop at a steady rate; prints latencies and statuses as JSON.

Run as `python bench/load.py PORT PATH CONNECTIONS SECONDS RATE`; RATE 0 is the closed loop. At a rate, the
latency counts from the time at which the request was due, so that a busy connection is not left out
(coordinated omission). Standard library only: `python -I -S` starts it without delay.
"""

from __future__ import annotations

import gc
import json
import re
import selectors
import signal
import socket
import sys
import time
from collections import Counter, deque

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TIMEOUT_SECONDS = 30.0


class Client:
    """Keep-alive connections to a local port, each with at most one request in flight."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        self.selector = selectors.DefaultSelector()
        self.idle: deque[socket.socket | None] = deque()
        self.due: dict[socket.socket, float] = {}
        self.got: dict[socket.socket, bytes] = {}
        self.waits: list[tuple[float, float]] = []
        self.statuses: Counter[str] = Counter()
        self.stopped = False
        signal.signal(signal.SIGINT, self.stop)

    def stop(self, *_: object) -> None:
        """Send no further requests."""
        self.stopped = True

    def ask(self, due: float) -> None:
        """Send a request on an idle connection, or on a new one."""
        sock = self.idle.popleft()
        if sock is None:
            sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(sock, selectors.EVENT_READ)
        self.due[sock], self.got[sock] = due, b""
        sock.sendall(self.request)

    def read(self, sock: socket.socket) -> bool:
        """Read from a connection; return True if it can take the next request."""
        try:
            chunk = sock.recv(65536)
        except OSError:
            chunk = b""
        if sock not in self.due:  # the server closed an idle connection
            self.idle.remove(sock)
            return self.end(sock)
        got = self.got[sock] = self.got[sock] + chunk
        head, whole, body = got.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if whole and length and len(body) >= int(length[1]):
            self.note(sock, head[9:12].decode())
            if head.startswith(b"HTTP/1.0") or b"\r\nConnection: close" in head:
                return self.end(sock)
            self.idle.append(sock)
            return True
        if not chunk:
            self.note(sock, "none")
            return self.end(sock)
        return False

    def note(self, sock: socket.socket, status: str) -> None:
        """Record the latency (seconds, negative unless the status is 200) and the status."""
        due, now = self.due.pop(sock), time.perf_counter()
        self.statuses[status] += 1
        self.waits.append((due, now - due) if status == "200" else (due, due - now))

    def end(self, sock: socket.socket) -> bool:
        """Close a connection and free its slot; returns True."""
        self.selector.unregister(sock)
        sock.close()
        self.idle.append(None)
        return True

    def run(self, connections: int, seconds: float, rate: float) -> None:
        """Send requests for some seconds, then wait for the responses in flight."""
        self.idle.extend([None] * connections)
        start = time.perf_counter()
        end, turn = start + seconds, 0
        while (now := time.perf_counter()) < end and not self.stopped:
            if rate:
                while self.idle and (due := start + turn / rate) <= now:
                    self.ask(due)
                    turn += 1
                limit = max(start + turn / rate - now, 0) if self.idle else end - now
            else:
                while self.idle:
                    self.ask(time.perf_counter())
                limit = end - now
            for key, _ in self.selector.select(min(limit, end - now)):
                self.read(key.fileobj)  # type: ignore[arg-type]  # they are all sockets
        last = time.perf_counter() + TIMEOUT_SECONDS
        while self.due and (left := last - time.perf_counter()) > 0:
            for key, _ in self.selector.select(left):
                self.read(key.fileobj)  # type: ignore[arg-type]
        self.statuses["none"] += len(self.due)


def main(port: str, path: str, connections: str, seconds: str, rate: str) -> None:
    """Run the client and print its report; the latency of any status but 200 is negative."""
    gc.disable()
    client, start = Client(int(port), path), time.perf_counter()
    client.run(int(connections), float(seconds), float(rate))
    report = {
        "start": start,
        "seconds": time.perf_counter() - start,
        "statuses": +client.statuses,
        "waits": [(round(due - start, 6), round(wait, 6)) for due, wait in client.waits],
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
