"""/metrics of a worker: executions by outcome, the queue, and what features count in jobs."""

from __future__ import annotations

import socket

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from tests.jobs.jobs import Keys, enqueue
from tests.jobs.processes import Work, Worker
from tests.support.baking import BakedProject
from tests.support.service import eventually, free_port

pytestmark = pytest.mark.jobs
KEYS = Keys()
JOBS = 100


def scrape(worker: Worker) -> dict[str, float]:
    """Return the samples of the worker: name and values of the labels joined by spaces."""
    families = text_string_to_metric_families(worker.get("/metrics").body)
    samples = [sample for family in families for sample in family.samples]
    found = {" ".join([one.name, *one.labels.values()]): one.value for one in samples}
    assert len(found) == len(samples)
    return found


def test_the_metrics_of_many_jobs_are_exact(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    enqueue(project, url, "record", 0, JOBS)
    enqueue(project, url, "refuse")
    eventually(lambda: KEYS.count_left(store)["failed"] == 1, 20, worker.log.read_text)
    eventually(lambda: len(worker.find_events("job")) == JOBS + 4, 5)
    duration = "job_duration_seconds_count visit_counter.trials"
    expected = {
        f"{duration}.record finished": JOBS,
        f"{duration}.refuse retried": 3,
        f"{duration}.refuse failed": 1,
        # Counted by the feature, in a process for each job
        "trials_recorded_total 0": JOBS / 2,
        "trials_recorded_total 1": JOBS / 2,
        # and before, in the process of the worker
        "trials_imported_total": 1,
        "jobs_queued": 0,
        "jobs_oldest_age_seconds": 0,
        "jobs_failed": 1,
    }
    found = scrape(worker)
    assert {name: found.get(name) for name in expected} == expected
    assert 0 < found["job_duration_seconds_sum visit_counter.trials.record finished"] < 60


def test_the_metrics_have_length_and_age_of_the_queue(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    worker = work()
    enqueue(project, url, "take", 40, 41)
    eventually(lambda: store.hlen(KEYS.started), 10, worker.log.read_text)
    enqueue(project, url, "record", 0, 5)
    first, second = scrape(worker), scrape(worker)
    assert first["jobs_queued"] == 5
    assert 0 < first["jobs_oldest_age_seconds"] < second["jobs_oldest_age_seconds"] < 10


def test_a_port_in_use_ends_no_worker(
    work: Work, project: BakedProject, url: str, store: Redis
) -> None:
    with socket.create_server(("", port := free_port())):
        worker = work(PORT=str(port))
        enqueue(project, url, "record")
        eventually(lambda: store.hgetall(KEYS.executions) == {"0": "1"}, 10, worker.log.read_text)
        assert worker.find_events("metrics are off")
        assert worker.stop() == 0
