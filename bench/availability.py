"""Measure how available the service in the working directory is, in a storm of many requests.

Run as `python -P bench/availability.py REQUESTS`, with the service on the path. Its instances stand behind
HAProxy, where that is installed.
"""

from __future__ import annotations

import asyncio
import csv
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

# They are the service's own, so that its gate and this measurement do the same.
from tests.factors.support.availability import LoadTest
from tests.factors.support.backing import Backing

from tests.support.service import Service, eventually, free_port

LOSS = 1 / 100_000  # what the target, 99.999 %, leaves
TURNAROUND = 0.5  # seconds in which HAProxy has asked again what a killed worker left
CONFIG = """\
global
    stats socket {admin}
defaults
    mode http
    # Also the pause after a refused connection while one instance is left: shorter than the checks'
    # interval, or an instance that is back by then gets it, and that looks like a request sent twice.
    timeout connect 100ms
    timeout client 60s
    timeout server 60s
    timeout check 2s
listen service
    bind 127.0.0.1:{port}
    option httpchk GET /readyz
    default-server check inter 200ms rise 1 fall 3
    option redispatch 1
    # What a killed worker left without an answer is sent again where HTTP allows that: a GET, no POST.
    retry-on conn-failure empty-response
    http-request disable-l7-retry unless METH_GET
"""


class HAProxy:
    """A load balancer in front of instances."""

    def __init__(self, ports: list[int], folder: Path) -> None:
        self.port, self.admin = free_port(), folder / "haproxy.sock"
        servers = [f"    server {port} 127.0.0.1:{port}\n" for port in ports]
        config = folder / "haproxy.cfg"
        config.write_text(CONFIG.format(admin=self.admin, port=self.port) + "".join(servers))
        self.process = subprocess.Popen(["haproxy", "-db", "-q", "-f", str(config)])
        eventually(self.admin.exists)

    def statistics(self, name: object) -> dict[str, str]:
        """Return what it knows of the instance on a port, or of all together, as BACKEND."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.admin))
            admin.sendall(b"show stat\n")
            with admin.makefile() as rows:
                return {row["svname"]: row for row in csv.DictReader(rows)}[str(name)]


class Measurement(LoadTest):  # type: ignore[misc]  # has no types here
    """A storm on instances behind a load balancer, which hides failures when it asks again."""

    rounds_per_kill = 10  # a killed worker loses its in-flight requests
    haproxy: HAProxy | None = None
    for_kills = 0

    def asked_again(self) -> int:
        """Return how many requests the load balancer sent more than once."""
        return int(self.haproxy.statistics("BACKEND")["wretr"]) if self.haproxy else 0

    async def replace(self, index: int) -> None:
        """Replace an instance, and wait until the load balancer uses the new one."""
        await super().replace(index)
        if self.haproxy:
            port = self.services[index].port
            await asyncio.to_thread(eventually, lambda: self.is_used(port))
        replaced = self.results.disruptions["instances replaced"]
        print(f"{self.results.requests:,} requests, {replaced} instances replaced", file=sys.stderr)

    def is_used(self, port: int) -> bool:
        """Tell whether the load balancer sends requests to an instance."""
        return self.haproxy is None or self.haproxy.statistics(port)["status"] == "UP"

    async def kill(self, index: int) -> None:
        """Kill a worker, and note what was asked again for that."""
        before = self.asked_again()
        await super().kill(index)
        await asyncio.sleep(TURNAROUND)
        self.for_kills += self.asked_again() - before

    def hidden(self) -> int:
        """Return how many requests were asked again although nobody killed a worker."""
        return self.asked_again() - self.for_kills

    def rows(self) -> Iterator[tuple[str, object]]:
        """Return what was measured."""
        results = self.results
        yield "load balancer", "HAProxy" if self.haproxy else "the client: haproxy is not installed"
        yield "requests sent", f"{results.requests:,} in {results.seconds:.0f} s"
        yield (
            "answered well",
            f"{results.successes:,}, which is {results.successes / results.requests:.4%}",
        )
        yield "failed, as their worker was killed", results.count_killed()
        yield "asked again, as their worker was killed", self.for_kills
        yield "asked again for another reason", self.hidden()
        yield "failed for another reason", results.count_lost().total()
        yield from sorted(results.count_lost().items())
        yield "numbers acknowledged, each once", f"{len(results.numbers):,}"
        yield "highest number acknowledged", f"{max(results.numbers):,}"
        yield "the counter", f"{self.services[0].visit() - 1:,}"
        yield from sorted(results.disruptions.items())


def measure(requests: int, folder: Path, stack: ExitStack) -> Measurement:
    """Let the storm happen; the stack ends what was started for it."""
    (folder / "redis").mkdir()
    # Small files, since Redis reads them when it starts.
    backing = Backing(folder / "redis", **{"auto-aof-rewrite-min-size": "1mb"})
    stack.callback(backing.stop)
    environ = {
        "REDIS_URL": backing.url,
        "REDIS_TIMEOUT": "2s",
        "DRAIN_DELAY": "1s",  # HAProxy notices after 0.6 s
        "SECRET_KEY": "0123456789abcdef" * 4,
    }

    def start(**extra: str) -> Any:
        given = {**environ, "TMPDIR": str(folder), "LOG_LEVEL": "WARNING", **extra}
        service = Service(given, folder / "log")
        stack.callback(service.kill)
        service.wait_until_alive()
        return service

    storm = Measurement([start(), start()], backing, start, requests, max(10, requests // 5000))
    ports = [service.port for service in storm.services]
    if shutil.which("haproxy"):
        storm.haproxy = HAProxy(ports, folder)
        stack.callback(storm.haproxy.process.kill)
        ports = [storm.haproxy.port]
    asyncio.run(storm.run(ports))
    return storm


def main(requests: int) -> int:
    """Print what was measured, and return 1 when the service missed the target."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        storm = measure(requests, Path(folder), stack)
        for name, value in (("availability", ""), ("---", "---"), *storm.rows()):
            print(f"| {name} | {value} |")
        failed = storm.results.count_lost().total() + storm.hidden()
    met = failed <= LOSS * storm.results.requests
    print(f"The target, {1 - LOSS:.3%} without what is killed, is {'met' if met else 'missed'}.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
