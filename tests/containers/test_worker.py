"""The worker in the compose project: started, scaled, replaced, and asked for its health."""

from __future__ import annotations

import re

import pytest

from tests.containers.stack import Stack
from tests.support.containers import engine, inspect
from tests.support.fixtures import Tally
from tests.support.service import eventually, request

FINISHED = re.compile(r'"job_id": "([^"]+)"[^\n{]*"job.outcome": "finished"')
pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]


def enqueue(stack: Stack) -> str:
    """Enqueue a job, and return its id."""
    response = request(stack.url.removeprefix("http://"), "/totals", "POST")
    assert response.status == 202, response
    return str(response.json()["job"])


def list_finished(log: str) -> list[str]:
    """Return the ids of the jobs that a log has as finished."""
    return FINISHED.findall(log)


def test_a_job_is_done_by_a_confined_container_of_the_same_image(stack: Stack) -> None:
    id = enqueue(stack)
    eventually(lambda: id in list_finished(stack.logs("worker")), 20, lambda: stack.logs("worker"))
    [web], [worker] = stack.containers("web"), stack.containers("worker")
    assert inspect(worker)["Image"] == inspect(web)["Image"]
    assert engine("diff", worker) == ""
    host = inspect(worker)["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"]) == (True, ["ALL"])
    assert inspect(worker)["Mounts"] == []
    first = engine("exec", worker, "cat", "/proc/1/cmdline")
    assert first.split("\0")[1:3] == ["-m", "visit_counter.worker"]


def test_a_worker_serves_its_metrics_to_other_containers_only(stack: Stack) -> None:
    [web], [worker] = stack.containers("web"), stack.containers("worker")
    address = "http://worker:8000/metrics"
    program = f"from urllib.request import urlopen; print(urlopen('{address}').read().decode())"
    assert "\njobs_queued 0.0\n" in engine("exec", web, "python", "-c", program)
    assert not any(inspect(worker)["NetworkSettings"]["Ports"].values())


def test_a_worker_is_unhealthy_without_a_sign_of_life(stack: Stack) -> None:
    [worker] = stack.containers("worker")
    check = "python -I -S heartbeat.py --ready"
    assert engine("exec", worker, *check.split()) == ""
    age = "touch --date '2 minutes ago' /tmp/visit-counter-heartbeat"
    assert "last heartbeat" in engine("exec", worker, "sh", "-c", f"{age}; {check}", status=1)


def test_workers_are_scaled_and_replaced_and_lose_no_job(stack: Stack, tally: Tally) -> None:
    jobs = [enqueue(stack) for _ in range(50)]
    stack.up("--scale", "worker=3", "--no-recreate")
    assert len(stack.containers("worker")) == 3
    log = stack.logs("worker")
    for worker in stack.containers("worker"):
        jobs += [enqueue(stack) for _ in range(50)]
        engine("stop", worker)
        assert inspect(worker)["State"]["ExitCode"] == 0
        log += engine("logs", worker)
        engine("rm", worker)
    stack.up("--no-recreate")

    def is_done() -> bool:
        return set(jobs) <= {*list_finished(log), *list_finished(stack.logs("worker"))}

    eventually(is_done, 120, lambda: stack.logs("worker"))
    tally("jobs while workers were replaced", len(jobs))
