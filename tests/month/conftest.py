"""Fixture of a team: a new service, committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.updates.commands import commit, git


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project, with the first commit of its team."""
    project = prepare().copy_to(tmp_path)
    git(project, "init", "--quiet", "--initial-branch", "main")
    commit(project, "Generate the service")
    return project
