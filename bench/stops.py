"""Measure how many requests an instance loses when it is stopped under load, without a load balancer.

Run as `python -P bench/stops.py STOPS`, with the service on the path. Clients retry refused connections, not lost requests.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.factors.support.backing import Backing
from tests.factors.support.clients import Client, LoadBalancer
from tests.factors.support.instance import Instance

from tests.support.service import free_port

MAX_LOST = 1 / 60_000
LOAD_SECONDS, RETRY_SECONDS, CLIENT_TIMEOUT_SECONDS = 1.0, 0.01, 15


class Load:
    """Clients of one instance, one half with a connection per request."""

    def __init__(self, port: int) -> None:
        self.balancer = LoadBalancer([port])
        self.requests = self.refused = 0
        self.lost: list[str] = []
        self.running = True

    async def send_requests(self, client: Client) -> None:
        """Send requests until the end; a refused connection is no request."""
        while self.running:
            self.requests += 1
            request_id = self.requests
            try:
                async with asyncio.timeout(CLIENT_TIMEOUT_SECONDS):
                    (await client.send(request_id)).read_count(request_id)
            except ConnectionRefusedError:
                self.requests -= 1
                self.refused += 1
                await asyncio.sleep(RETRY_SECONDS)
            except (OSError, EOFError, ValueError) as error:
                self.lost.append(f"{type(error).__name__}: {error}")
                client.close()
        client.close()


async def measure(stops: int, folder: Path, stack: ExitStack) -> tuple[Load, list[float]]:
    """Stop an instance under load again and again; return the load and the seconds of each stop."""
    (folder / "redis").mkdir()
    backing = Backing(folder / "redis")
    stack.callback(backing.stop)
    environ = {"REDIS_URL": backing.url, "SECRET_KEY": "k" * 48, "PORT": str(free_port())}
    load, seconds = Load(int(environ["PORT"])), []
    clients = [Client(load.balancer, requests) for requests in [1, 100] * 8]
    tasks: list[asyncio.Task[None]] = []
    for number in range(stops):
        given = {**environ, "TMPDIR": str(folder), "LOG_LEVEL": "WARNING"}
        service = Instance(given, folder / f"log-{number}")
        stack.callback(service.kill)
        await asyncio.to_thread(service.wait_until_alive)
        tasks = tasks or [asyncio.create_task(load.send_requests(client)) for client in clients]
        await asyncio.sleep(LOAD_SECONDS)
        started = time.monotonic()
        assert await asyncio.to_thread(service.stop) == 0
        seconds.append(time.monotonic() - started)
    load.running = False
    await asyncio.gather(*tasks)
    return load, seconds


def main(stops: int) -> int:
    """Print the lost requests, and return 1 if they are more than MAX_LOST."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        load, seconds = asyncio.run(measure(stops, Path(folder), stack))
    print(f"{stops} stops under load, the longest in {max(seconds):.2f} s")
    print(
        f"{load.requests:,} requests, {len(load.lost)} lost, {load.refused:,} connections refused"
    )
    for error in sorted(set(load.lost)):
        print(f"  {load.lost.count(error)} × {error}")
    return int(len(load.lost) > max(1, load.requests * MAX_LOST))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
