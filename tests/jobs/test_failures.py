"""A job that fails is executed again, kept, listed, retried and dropped; its worker goes on."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from redis import Redis

from tests.jobs.jobs import Keys, enqueue
from tests.jobs.processes import Work
from tests.support.baking import BakedProject
from tests.support.environment import TOOLS
from tests.support.service import eventually

pytestmark = pytest.mark.jobs
KEYS = Keys()
ATTEMPTS = 4
# An argument that no log may repeat
CANARY = 86753090417


def run_flask(project: BakedProject, url: str, *words: str) -> str:
    """Run an admin command of the jobs, and return its output on stdout."""
    app = project.answers["package_name"]
    given: dict[str, Any] = {"REDIS_URL": url, "SECRET_KEY": "k" * 48, "PATH": TOOLS}
    return project.run("flask", "--app", app, "jobs", *words, **given).stdout


def wait_for_failed(store: Redis, number: int) -> None:
    """Wait for a number of failed jobs."""
    eventually(lambda: KEYS.count_left(store)["failed"] == number, 20)


def test_a_job_that_always_raises_is_kept_retried_and_dropped(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    [job] = enqueue(project, url, "refuse")
    wait_for_failed(store, 1)
    assert store.hgetall(KEYS.refusals) == {"0": str(ATTEMPTS)}
    words = run_flask(project, url, "list").split()
    assert [words[0], *words[2:]] == [job, "visit_counter.trials.refuse", "ValueError:", "refused"]

    run_flask(project, url, "retry", job)
    eventually(lambda: store.hget(KEYS.refusals, "0") == str(2 * ATTEMPTS), 20)
    wait_for_failed(store, 1)
    run_flask(project, url, "drop", "--yes", job)
    assert run_flask(project, url, "list") == ""
    assert not store.exists(KEYS.job(job))
    outcomes = [event["job.outcome"] for event in worker.find_events("job")]
    assert outcomes == [*["retried"] * 3, "failed"] * 2


def test_no_log_repeats_the_arguments_of_a_failed_job(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    workers = [work(LOG_LEVEL=level) for level in ("DEBUG", "WARNING")]
    enqueue(project, url, "refuse", CANARY, CANARY + 1)
    wait_for_failed(store, 1)
    assert [worker.stop() for worker in workers] == [0, 0]
    logs = [worker.log.read_text() for worker in workers]
    assert sum(log.count("job raised an exception") for log in logs) == ATTEMPTS
    assert not [log for log in logs if str(CANARY) in log]


def test_a_job_that_takes_too_long_is_ended_and_its_worker_goes_on(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    enqueue(project, url, "take", 100, 101, JOB_TIMEOUT="1s")
    wait_for_failed(store, 1)
    assert store.hgetall(KEYS.started) == {"100": str(ATTEMPTS)}
    enqueue(project, url, "record", 7, 8)
    eventually(lambda: store.hgetall(KEYS.executions) == {"7": "1"}, 10, worker.log.read_text)
    kinds = [event["exception.type"] for event in worker.find_events("job raised an exception")]
    assert kinds == ["rq.timeouts.JobTimeoutException"] * ATTEMPTS
    assert worker.stop() == 0


def test_a_job_whose_process_is_killed_is_executed_again_at_once(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    enqueue(project, url, "take", 10, 11)
    eventually(lambda: store.hget(KEYS.started, "10"), 10, worker.log.read_text)
    [child] = worker.workers()
    os.kill(child, signal.SIGKILL)  # as the kernel does when memory runs out
    eventually(lambda: store.hget(KEYS.executions, "10") == "1", 10, worker.log.read_text)
    assert store.hgetall(KEYS.started) == {"10": "2"}
    eventually(lambda: len(worker.find_events("job")) == 2, 5)
    assert [event["job.outcome"] for event in worker.find_events("job")] == ["retried", "finished"]
