"""Measure the availability of the service in the working directory under load and disruptions.

Run as `python -P bench/availability.py REQUESTS`, with the service on the path. Two instances run behind
HAProxy if it is installed, else the clients balance the load.
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

# Modules of the service, so that its gate and this measurement do the same
from tests.factors.support.availability import LoadTest
from tests.factors.support.backing import Backing
from tests.factors.support.instance import Instance

from tests.support.service import eventually, free_port

MAX_LOST = 1 / 100_000  # target: 99.999 %
RETRY_SECONDS = 0.5  # HAProxy has retried the requests of a killed worker by then
CONFIG = """\
global
    stats socket {admin}
defaults
    mode http
    # Also the pause before a retry while one instance is up. If it were longer than the interval of the
    # checks, a restarted instance could get the retry, which counts as a request sent twice.
    timeout connect 100ms
    timeout client 60s
    timeout server 60s
    timeout check 2s
listen service
    bind 127.0.0.1:{port}
    option httpchk GET /readyz
    default-server check inter 200ms rise 1 fall 3
    option redispatch 1
    # Retry the in-flight requests of a killed worker if they are idempotent: GET, but not POST.
    retry-on conn-failure empty-response
    http-request disable-l7-retry unless METH_GET
"""


class HAProxy:
    """Load balancer of instances."""

    def __init__(self, ports: list[int], folder: Path) -> None:
        self.port, self.admin = free_port(), folder / "haproxy.sock"
        servers = [f"    server {port} 127.0.0.1:{port}\n" for port in ports]
        config = folder / "haproxy.cfg"
        config.write_text(CONFIG.format(admin=self.admin, port=self.port) + "".join(servers))
        self.process = subprocess.Popen(["haproxy", "-db", "-q", "-f", str(config)])
        eventually(self.admin.exists)

    def statistics(self, name: object) -> dict[str, str]:
        """Return the row of the instance on a port, or of BACKEND."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(self.admin))
            admin.sendall(b"show stat\n")
            with admin.makefile() as rows:
                return {row["svname"]: row for row in csv.DictReader(rows)}[str(name)]


class Measurement(LoadTest):  # type: ignore[misc]  # has no types here
    """Load test of instances behind a load balancer, whose retries hide failures."""

    rounds_per_kill = 10  # a killed worker loses its in-flight requests
    haproxy: HAProxy | None = None
    kill_retries = 0

    def count_retries(self) -> int:
        """Return the retries of the load balancer."""
        return int(self.haproxy.statistics("BACKEND")["wretr"]) if self.haproxy else 0

    async def replace(self, index: int) -> None:
        """Replace an instance, and wait until the load balancer uses its successor."""
        await super().replace(index)
        if self.haproxy:
            port = self.services[index].port
            await asyncio.to_thread(eventually, lambda: self.is_used(port))
        replaced = self.results.disruptions["instances replaced"]
        print(f"{self.results.requests:,} requests, {replaced} instances replaced", file=sys.stderr)

    def is_used(self, port: int) -> bool:
        """Return True if the load balancer sends requests to an instance."""
        return self.haproxy is None or self.haproxy.statistics(port)["status"] == "UP"

    async def kill(self, index: int) -> None:
        """Kill a worker, and count the retries of its requests."""
        before = self.count_retries()
        await super().kill(index)
        await asyncio.sleep(RETRY_SECONDS)
        self.kill_retries += self.count_retries() - before

    def count_hidden(self) -> int:
        """Return the retries without a killed worker."""
        return self.count_retries() - self.kill_retries

    def list_rows(self) -> Iterator[tuple[str, object]]:
        """Yield the rows of the report."""
        results = self.results
        yield "load balancer", "HAProxy" if self.haproxy else "the client: haproxy is not installed"
        yield "requests sent", f"{results.requests:,} in {results.seconds:.0f} s"
        yield (
            "successful",
            f"{results.successes:,}, which is {results.successes / results.requests:.4%}",
        )
        yield "lost with a killed worker", results.count_killed()
        yield "retried after a killed worker", self.kill_retries
        yield "retried for another reason", self.count_hidden()
        yield "lost for another reason", results.count_lost().total()
        yield from sorted(results.count_lost().items())
        yield "numbers acknowledged, each once", f"{len(results.numbers):,}"
        yield "highest number acknowledged", f"{max(results.numbers):,}"
        yield "counter in Redis", f"{self.services[0].count() - 1:,}"
        yield from sorted(results.disruptions.items())


def measure(requests: int, folder: Path, stack: ExitStack) -> Measurement:
    """Run the load test; the stack stops its processes."""
    (folder / "redis").mkdir()
    # Redis reads its files at start, so they are small.
    backing = Backing(folder / "redis", **{"auto-aof-rewrite-min-size": "1mb"})
    stack.callback(backing.stop)
    environ = {
        "REDIS_URL": backing.url,
        "REDIS_TIMEOUT": "2s",
        "DRAIN_DELAY": "1s",  # HAProxy marks an instance down after 0.6 s
        "SECRET_KEY": "0123456789abcdef" * 4,
    }

    def start(**extra: str) -> Any:
        given = {**environ, "TMPDIR": str(folder), "LOG_LEVEL": "WARNING", **extra}
        service = Instance(given, folder / "log")
        stack.callback(service.kill)
        service.wait_until_alive()
        return service

    test = Measurement([start(), start()], backing, start, requests, max(10, requests // 5000))
    ports = [service.port for service in test.services]
    if shutil.which("haproxy"):
        test.haproxy = HAProxy(ports, folder)
        stack.callback(test.haproxy.process.kill)
        ports = [test.haproxy.port]
    asyncio.run(test.run(ports))
    return test


def main(requests: int) -> int:
    """Print the report, and return 1 if the service missed the target."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        test = measure(requests, Path(folder), stack)
        for name, value in (("availability", ""), ("---", "---"), *test.list_rows()):
            print(f"| {name} | {value} |")
        lost = test.results.count_lost().total() + test.count_hidden()
    met = lost <= MAX_LOST * test.results.requests
    print(f"Target {1 - MAX_LOST:.3%} without killed workers: {'met' if met else 'missed'}.")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
