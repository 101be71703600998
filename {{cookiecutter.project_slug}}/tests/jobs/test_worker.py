"""The worker: its heartbeat and its metrics."""

import os
import subprocess
import sys
import time

import pytest

from {{ cookiecutter.package_name }}.runtime.jobs.heartbeat import Heartbeat
from {{ cookiecutter.package_name }}.runtime.jobs.queue import enqueue, get_queue

from tests.support.service import ROOT


@pytest.fixture
def check(tmp_path):
    """Return a function that runs the healthcheck, and returns its status and problem."""

    def check(*options):
        words = [sys.executable, "-I", "-S", ROOT / "heartbeat.py", *options]
        environ = {"TMPDIR": str(tmp_path)}
        result = subprocess.run(words, env=environ, check=False, capture_output=True, text=True)
        return result.returncode, result.stderr.strip()

    return check


@pytest.fixture
def heartbeat(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Heartbeat()


def test_a_worker_is_alive_between_its_start_and_its_end_and_ready_later(heartbeat, check):
    assert check()[0] == 1
    with heartbeat:
        assert check() == (0, "")
        assert check("--ready") == (1, "not ready")
        heartbeat.ready()
        assert check("--ready") == (0, "")
        heartbeat.beat()
        assert check("--ready") == (0, "")
    status, problem = check()
    assert status == 1
    assert problem.startswith("no heartbeat: ")


def test_a_worker_without_a_sign_of_life_for_a_minute_is_not_alive(heartbeat, check):
    with heartbeat:
        os.utime(heartbeat.path, (time.time() - 61,) * 2)
        assert check() == (1, "last heartbeat 61 s ago")


def observe(app):
    """Return the samples of the queue by name."""
    # RQ is imported after create_app().
    from {{ cookiecutter.package_name }}.runtime.jobs.metrics import QueueCollector

    with app.app_context():
        metrics = QueueCollector(get_queue()).collect()
        return {one.name: one.samples[0].value for one in metrics}


def test_the_queue_is_observed(app, redis):
    empty = {"jobs_queued": 0, "jobs_oldest_age_seconds": 0, "jobs_failed": 0}
    assert observe(app) == empty
    with app.app_context():
        enqueue(time.sleep, 0)
        enqueue(time.sleep, 0)

    found = observe(app)
    assert 0 < found.pop("jobs_oldest_age_seconds") < 60
    assert found == {"jobs_queued": 2, "jobs_failed": 0}


def test_a_queue_without_redis_is_not_observed(detached, caplog):
    assert observe(detached.application) == {}
    assert [record.message for record in caplog.records] == ["queue not observed"]
