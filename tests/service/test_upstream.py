"""The tests and the gate of a new service against the next Flask, Werkzeug, gunicorn and redis-py."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally

# Library -> archive of its main branch; UPSTREAM has other sources, such as folders, as library=source.
MAIN = {
    "flask": "https://github.com/pallets/flask/archive/main.tar.gz",
    "werkzeug": "https://github.com/pallets/werkzeug/archive/main.tar.gz",
    "gunicorn": "https://github.com/benoitc/gunicorn/archive/master.tar.gz",
    "redis": "https://github.com/redis/redis-py/archive/master.tar.gz",
}
GIVEN = dict(pair.split("=", 1) for pair in os.environ.get("UPSTREAM", "").split())
# The gate without factor II: the installed versions are not those of the locks.
GATE = ["tests/factors", "-k", "not test_02_dependencies"]
INSTALL = [".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


@pytest.fixture
def project(bake: Bake, tmp_path: Path) -> BakedProject:
    """Return the default project with a new virtual environment of its locked versions."""
    project = bake().copy_to(tmp_path)
    project.run("bin/setup")
    return project


def read_version(project: BakedProject, library: str) -> str:
    """Return the installed version of a library."""
    code = f"from importlib.metadata import version; print(version('{library}'))"
    return project.run(".venv/bin/python", "-c", code).stdout.strip()


def upgrade(project: BakedProject, library: str) -> str:
    """Install the main branch of a library, or else its newest pre-release; return the version."""
    source = GIVEN.get(library, MAIN[library])
    timeout = ["--timeout", "5", "--retries", "0"]
    words = [*INSTALL, *timeout, "--no-deps", "--force-reinstall", source]
    quoted = " ".join(f"'{word}'" for word in words)
    if project.run("sh", "-c", f"{quoted} || echo not installable").stdout.endswith(
        "not installable\n"
    ):
        assert library not in GIVEN, f"UPSTREAM: cannot install {source}"
        project.run(*INSTALL, "--upgrade", "--pre", "--no-deps", library)
        return f"newest (pre-)release of {library}, main not installable: {read_version(project, library)}"
    return f"main of {library}: {read_version(project, library)}"


@pytest.mark.upstream
def test_a_new_service_passes_with_the_next_versions(project: BakedProject, tally: Tally) -> None:
    found = [upgrade(project, library) for library in MAIN]
    for tests in ([], GATE):
        result = project.run(".venv/bin/python", "-m", "pytest", "-q", *tests, timeout=1800)
        assert re.search(r"\d+ passed", result.stdout)
    for line in found:
        tally(line)
