"""A worker follows the primary that Sentinels name, and refuses a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs.jobs import enqueue
from tests.jobs.processes import Work, Worker
from tests.support.baking import BakedProject
from tests.support.sentinels import run_sentinels
from tests.support.service import eventually

pytestmark = pytest.mark.jobs


def wait_for_job(worker: Worker, id: str) -> None:
    """Wait until the worker has executed a job; raises AssertionError with the log."""
    eventually(
        lambda: id in [one["job_id"] for one in worker.find_events("job")],
        30,
        worker.log.read_text,
    )


def test_a_worker_follows_a_failover(work: Work, project: BakedProject, tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    with run_sentinels(tmp_path / "servers") as group:
        worker = work(REDIS_URL=group.url)
        [first] = enqueue(project, group.url, "record")
        wait_for_job(worker, first)
        before = group.primary()
        group.kill_primary()
        eventually(lambda: group.primary() != before, 20)

        [second] = enqueue(project, group.url, "record")
        wait_for_job(worker, second)
        assert worker.stop() == 0


def test_a_worker_refuses_a_cluster(work: Work) -> None:
    worker = work(ready=False, REDIS_URL="redis+cluster://127.0.0.1:1")
    event = worker.wait_for_event("configuration refused")
    assert event["problems"] == ["REDIS_URL: no jobs in a cluster; name a server or Sentinels"]
    assert worker.process.wait(timeout=10) == 1
