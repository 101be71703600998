"""Fixture of the gate: a service in a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project, in a repository as its team has it."""
    project = prepare().copy_to(tmp_path)
    project.run("git", "init", "--quiet")
    return project
