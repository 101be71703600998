"""Load test while instances are replaced, workers are killed and Redis restarts."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from tests.factors.support.backing import Backing
from tests.factors.support.clients import Client, LoadBalancer
from tests.factors.support.instance import Instance
from tests.factors.support.results import Failure, Results
from tests.support.service import eventually

CLIENT_TIMEOUT_SECONDS = 15
MAX_FAILURES = 100  # the test is lost by then, so it ends


class LoadTest:
    """A minimum of requests to two instances, and a minimum of replacements meanwhile."""

    rounds_per_kill = 1

    def __init__(
        self,
        services: list[Instance],
        backing: Backing,
        start: Callable[..., Instance],
        min_requests: int,
        min_replacements: int,
    ) -> None:
        self.services, self.backing, self.start = services, backing, start
        self.min_requests, self.min_replacements = min_requests, min_replacements
        self.results = Results()

    async def run(self, ports: list[int]) -> Results:
        """Run clients and disruptions until both minimums are reached; clients use these ports."""
        balancer = LoadBalancer(ports)
        polls = [asyncio.create_task(balancer.poll_readiness(port)) for port in ports]
        keep_alive = [Client(balancer, requests=100) for _ in range(12)]
        one_shot = [Client(balancer, requests=1) for _ in range(4)]
        slow = [Client(balancer, requests=100, max_pause=4) for _ in range(4)]
        clients = [*keep_alive, *one_shot, *slow]
        await asyncio.gather(self.disrupt(), *map(self.send_requests, clients))
        self.results.seconds = time.monotonic() - self.results.started_at
        for poll in polls:
            poll.cancel()
        return self.results

    def is_unfinished(self) -> bool:
        """Return True while a minimum is missing and the failures are fewer than MAX_FAILURES."""
        requests, replaced = self.results.requests, self.results.disruptions["instances replaced"]
        unfinished = requests < self.min_requests or replaced < self.min_replacements
        return unfinished and len(self.results.failures) < MAX_FAILURES

    async def send_requests(self, client: Client) -> None:
        """Send requests one after another, and record each result."""
        while self.is_unfinished():
            self.results.requests += 1
            request_id = self.results.requests
            try:
                async with asyncio.timeout(CLIENT_TIMEOUT_SECONDS):
                    self.results.record(request_id, await client.send(request_id))
            except (OSError, EOFError, ValueError) as error:
                cause = f"{type(error).__name__}: {error}"
                self.results.failures.append(Failure(cause, client.sent_at, time.monotonic()))
                client.close()
            if client.max_pause:
                await asyncio.sleep(client.max_pause * (request_id % 100) / 100)
        client.close()

    async def disrupt(self) -> None:
        """Run one disruption after another."""
        for disruption in self.schedule():
            await disruption
            if not self.is_unfinished():
                return

    def schedule(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Return the disruptions in their order, without end."""
        for number in itertools.count():
            yield self.replace(0)
            yield self.restart_redis()
            yield self.replace(1)
            yield self.replace_workers(number % 2, signal.SIGTERM)
            yield self.replace(0)
            if number % self.rounds_per_kill == 0:
                yield self.kill((number + 1) % 2)
            yield self.replace(1)
            yield self.replace_workers(number % 2, signal.SIGHUP)

    async def replace(self, index: int) -> None:
        """Stop an instance, and start another one on its port."""
        old = self.services[index]
        assert await asyncio.to_thread(old.stop) == 0
        self.services[index] = await asyncio.to_thread(self.start, PORT=str(old.port))
        await asyncio.to_thread(self.services[index].wait_until, "/readyz")
        self.results.disruptions["instances replaced"] += 1

    async def restart_redis(self) -> None:
        """Restart Redis, which takes less than REDIS_TIMEOUT."""
        await asyncio.to_thread(self.backing.stop)
        await asyncio.to_thread(self.backing.start)
        self.results.disruptions["Redis restarts"] += 1

    async def replace_workers(self, index: int, number: signal.Signals) -> None:
        """Replace all workers with SIGHUP to the master, or one with a signal of its own."""
        service, all_workers = self.services[index], number == signal.SIGHUP
        workers = service.workers() if all_workers else service.workers()[:1]
        os.kill(service.process.pid if all_workers else workers[0], number)
        await asyncio.to_thread(eventually, lambda: not {*workers} & {*service.workers()})
        self.results.disruptions[f"workers ended by {number.name}"] += len(workers)

    async def kill(self, index: int) -> None:
        """Kill a worker, and record from when to when."""
        begin = time.monotonic()
        await self.replace_workers(index, signal.SIGKILL)
        self.results.kills.append((begin, time.monotonic()))
