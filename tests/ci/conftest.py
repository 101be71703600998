"""Fixtures of pipelines: projects whose tools of bin/audit are installed, and forges."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ci.forge import Forge
from tests.releases.releasing import Team
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Serve
from tests.support.serving import serve_project


@pytest.fixture(scope="session")
def prepare_audit(prepare: Bake) -> Bake:
    """Return a function that renders a project, and installs the tools of bin/audit once."""

    def prepare_audit(**answers: str) -> BakedProject:
        project = prepare(**answers)
        # Projects with the same locks share an environment, in all processes of pytest-xdist.
        with (project.path / ".venv").resolve().with_name("audit.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            project.run("bin/audit", "--licenses")
        return project

    return prepare_audit


@pytest.fixture
def redis_url(redis: Any) -> str:
    """Return the URL of a real Redis."""
    return str(redis.connection_url)


@pytest.fixture
def serve(bake: Bake, tmp_path: Path) -> Iterator[Serve]:
    """Return a function that runs the default service."""
    yield from serve_project(bake(), tmp_path)


@pytest.fixture
def host(prepare_audit: Bake, tmp_path: Path) -> Callable[..., Forge]:
    """Return a function that pushes a project to a new remote of its forge."""

    def host(change: Callable[[BakedProject], None] | None = None, **answers: str) -> Forge:
        original = prepare_audit(**answers)
        project = original.copy_to(tmp_path / "changed")
        if change:
            change(project)
        return Forge(Team.of(project, tmp_path / "team"), project.path / ".venv")

    return host
