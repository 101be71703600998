"""A storm: requests without end, while instances are replaced, workers killed and Redis restarted."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from tests.factors.support.backing import Backing
from tests.factors.support.clients import Balancer, Visitor
from tests.factors.support.outcome import Failure, Outcome
from tests.support.service import Service, eventually

PATIENCE = 15  # seconds in which a client wants its answer
ENOUGH = 100  # failures after which there is no need to go on


class Storm:
    """At least so many requests to some instances, and at least so many of these replaced."""

    kill_every = 1  # rounds

    def __init__(
        self,
        services: list[Service],
        backing: Backing,
        start: Callable[..., Service],
        requests: int,
        replacements: int,
    ) -> None:
        self.services, self.backing, self.start = services, backing, start
        self.requests, self.replacements = requests, replacements
        self.outcome = Outcome()

    async def run(self, ports: list[int]) -> Outcome:
        """Let everything happen, and send the requests to these ports."""
        balancer = Balancer(ports)
        watches = [asyncio.create_task(balancer.watch(port)) for port in ports]
        kept = [Visitor(balancer, requests=100) for _ in range(12)]
        one_shot = [Visitor(balancer, requests=1) for _ in range(4)]
        slow = [Visitor(balancer, requests=100, pause=4) for _ in range(4)]
        await asyncio.gather(self.disturb(), *map(self.use, [*kept, *one_shot, *slow]))
        self.outcome.seconds = time.monotonic() - self.outcome.started
        for watch in watches:
            watch.cancel()
        return self.outcome

    def goes_on(self) -> bool:
        """Tell whether there is more to do."""
        sent, replaced = self.outcome.sent, self.outcome.done["instances replaced"]
        left = sent < self.requests or replaced < self.replacements
        return left and len(self.outcome.failures) < ENOUGH

    async def use(self, visitor: Visitor) -> None:
        """Let a client ask one thing after another."""
        while self.goes_on():
            self.outcome.sent += 1
            number = self.outcome.sent
            try:
                async with asyncio.timeout(PATIENCE):
                    self.outcome.note(number, await visitor.ask(number))
            except (OSError, EOFError, ValueError) as error:
                cause = f"{type(error).__name__}: {error}"
                self.outcome.failures.append(Failure(cause, visitor.sent, time.monotonic()))
                visitor.hang_up()
            if visitor.pause:  # any time up to the longest
                await asyncio.sleep(visitor.pause * (number % 100) / 100)
        visitor.hang_up()

    async def disturb(self) -> None:
        """Let one thing happen after another."""
        for step in self.steps():
            await step
            if not self.goes_on():
                return

    def steps(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Return what happens, in this order, for ever."""
        for number in itertools.count():
            yield self.replace(0)
            yield self.restart_redis()
            yield self.replace(1)
            yield self.renew(number % 2, signal.SIGTERM)
            yield self.replace(0)
            if number % self.kill_every == 0:
                yield self.kill((number + 1) % 2)
            yield self.replace(1)
            yield self.renew(number % 2, signal.SIGHUP)

    async def replace(self, index: int) -> None:
        """Stop an instance, and start another in its place."""
        old = self.services[index]
        assert await asyncio.to_thread(old.stop) == 0
        self.services[index] = await asyncio.to_thread(self.start, PORT=str(old.port))
        await asyncio.to_thread(self.services[index].wait_until, "/readyz")
        self.outcome.done["instances replaced"] += 1

    async def restart_redis(self) -> None:
        """Stop Redis and start it again, within the time that a request may wait for it."""
        await asyncio.to_thread(self.backing.stop)
        await asyncio.to_thread(self.backing.start)
        self.outcome.done["Redis restarts"] += 1

    async def renew(self, index: int, number: signal.Signals) -> None:
        """Send a signal to a worker, or SIGHUP to the server for all, and wait until they have gone."""
        service, whole = self.services[index], number == signal.SIGHUP
        workers = service.workers() if whole else service.workers()[:1]
        os.kill(service.process.pid if whole else workers[0], number)
        await asyncio.to_thread(eventually, lambda: not {*workers} & {*service.workers()})
        self.outcome.done[f"workers ended by {number.name}"] += len(workers)

    async def kill(self, index: int) -> None:
        """Kill a worker."""
        begun = time.monotonic()
        await self.renew(index, signal.SIGKILL)
        self.outcome.kills.append((begun, time.monotonic()))
