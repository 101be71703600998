"""Jobs of the tests: enqueued by clients, and counted in Redis."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from redis import Redis

from tests.support.baking import BakedProject
from tests.support.environment import TOOLS


@dataclass(frozen=True)
class Keys:
    """Keys of a service in Redis."""

    prefix: str = "visit-counter:"

    @property
    def executions(self) -> str:
        """Return the key of the number of executions of each job, a hash."""
        return f"{self.prefix}executions"

    @property
    def started(self) -> str:
        """Return the key of the number of starts of each job that takes time, a hash."""
        return f"{self.prefix}started"

    @property
    def refusals(self) -> str:
        """Return the key of the number of executions of each job that fails, a hash."""
        return f"{self.prefix}refusals"

    @property
    def queue(self) -> str:
        """Return the key of the queue, a list."""
        return f"{self.prefix}rq:queue:default"

    def job(self, id: str) -> str:
        """Return the key of a job, a hash."""
        return f"{self.prefix}rq:job:{id}"

    def count_left(self, store: Redis) -> dict[str, int]:
        """Return the number of jobs in each state but finished; raises RedisError."""
        return {
            "queued": int(store.llen(self.queue)),
            "taken": int(store.llen(f"{self.queue}:intermediate")),
            "started": int(store.zcard(f"{self.prefix}rq:wip:default")),
            "failed": int(store.zcard(f"{self.prefix}rq:failed:default")),
        }


def client(project: BakedProject, function: str, *numbers: float) -> list[str]:
    """Return the command that enqueues a function with a range of numbers, and pauses (seconds)."""
    module = f"{project.answers['package_name']}.trials_client"
    return ["python", "-m", module, json.dumps(function), *map(json.dumps, numbers)]


def enqueue(
    project: BakedProject, url: str, function: str, first: int = 0, last: int = 1, **environ: str
) -> list[str]:
    """Enqueue a function with a range of numbers, and return the ids of the jobs."""
    given: dict[str, Any] = {"PATH": TOOLS, "REDIS_URL": url, "SECRET_KEY": "k" * 48, **environ}
    lines = project.run(*client(project, function, first, last, 0), **given).stdout.splitlines()
    return [line.split()[1] for line in lines]
