"""Jobs that workers in a cluster execute, and how often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.kubernetes.deploy import SLUG, WORKER, Deploy
from tests.kubernetes.pods import container_of
from tests.releases.releasing import Team
from tests.support.containers import engine
from tests.support.fixtures import Tally
from tests.support.service import eventually, get, request

TOTALS, STORE = (
    f"{SLUG}/visits/totals.py",
    "get_redis().hset(key(), day, str(get_counter().read()))",
)
# Two workers execute almost two jobs a second.
JOB_SECONDS, PAUSE_SECONDS = 1, 1
# RQ takes a job from a dead worker about 65 s after its last heartbeat.
RECOVERY_SECONDS = 150
COUNT = f"""import time
    from rq import get_current_job

    job = get_current_job().id
    time.sleep({JOB_SECONDS})
    get_redis().hincrby(key(), job, 1)"""


@dataclass
class Jobs:
    """Jobs that were enqueued, by their ids."""

    deploy: Deploy
    ids: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def enqueue(self) -> None:
        """Enqueue jobs until stopped."""
        address = urlsplit(self.deploy.url).netloc
        while not self.stopped.wait(PAUSE_SECONDS):
            response = request(address, "/totals", "POST")
            if response.status == 202:
                self.ids.append(response.json()["job"])
            else:
                self.failures.append(f"{response.status} {response.body[:200]}")

    def executions(self) -> dict[str, int]:
        """Return how often each job was executed, 0 for one that was not."""
        found = get(f"{self.deploy.url}/totals").json()
        return {one: found.get(one, 0) for one in self.ids}


def count_executions(team: Team) -> None:
    """Let the example job count how often it was executed to its end."""
    team.edit(TOTALS, STORE, COUNT)


@contextmanager
def no_job_is_lost(deploy: Deploy, tally: Tally, during: str) -> Iterator[Jobs]:
    """Enqueue a job each second; raises AssertionError unless each is executed."""
    jobs = Jobs(deploy)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(jobs.enqueue)
        try:
            yield jobs
        finally:
            jobs.stopped.set()
    done.result()
    assert jobs.failures == []
    eventually(lambda: all(jobs.executions().values()), RECOVERY_SECONDS, jobs.executions)
    executions = jobs.executions().values()
    tally(f"jobs in a cluster during {during}, none lost", len(executions))
    tally("jobs in a cluster that were executed again", sum(number > 1 for number in executions))


def kill_busy_worker(deploy: Deploy) -> None:
    """Kill the container of a worker that has just begun a job."""
    [pod, *_] = deploy.find_pods(WORKER)
    container = container_of(pod)
    # The second process executes a job; the first has none in hand at first.
    eventually(lambda: count_processes(container) == 1)
    eventually(lambda: count_processes(container) == 2)
    engine("kill", "--signal", "KILL", container)


def count_processes(container: str) -> int:
    """Return the number of processes of a worker, without those of its probes."""
    return engine("top", container, "-eo", "pid,args").count(f"{SLUG}.worker")
