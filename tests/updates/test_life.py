"""The life of a project from its generation to a release, with the commands of a team."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.service import Service
from tests.updates.commands import commit, git
from tests.updates.edit_texts import DEPENDENCY, LOCKED
from tests.updates.edits import add_to_lock, apply_edits, require, set_up_environment
from tests.updates.replace import replace_once

COOKIECUTTER = str(Path(sys.executable).with_name("cookiecutter"))
# First version of the dependency, which the team upgrades later
OUTDATED = "humanize==4.16.0"
# Tests of a new feature with a setting
TESTS = ["tests/test_party.py", "tests/test_settings.py"]


def test_a_project_lives_from_its_generation_to_a_release(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    equip = partial(set_up_environment, tmp_path_factory)
    project = generate(tmp_path)
    equip(project)
    check(project)
    grow(project)
    lock(project)
    equip(project)
    project.run("bin/lint")
    accept(project, "Announce the party")
    upgrade(project)
    equip(project)
    accept(project, "Upgrade humanize")
    renew(project)
    released = release(project, tmp_path / "released")
    equip(released)
    serve(released, tmp_path / "log")


def generate(folder: Path) -> BakedProject:
    """Generate a service and commit it."""
    (folder / "cookiecutter.yaml").write_text(f"replay_dir: {folder}/replay\n", "utf-8")
    words = ["--no-input", "--config-file", "cookiecutter.yaml", "--output-dir", "work", str(ROOT)]
    BakedProject(folder, {}).run(COOKIECUTTER, *words, "project_name=Corner Shop")
    project = BakedProject(folder / "work/corner-shop", {"package_name": "corner_shop"})
    git(project, "init", "--quiet", "--initial-branch", "main")
    # .gitignore matches only a folder .venv, and the tests have a symbolic link.
    project.write(".git/info/exclude", ".venv\n")
    commit(project, "Generate the service")
    return project


def check(project: BakedProject) -> None:
    """Run bin/lint and bin/test on a new project; git status stays clean."""
    for command in ("bin/lint", "bin/test"):
        project.run(command)
    assert git(project, "status", "--porcelain") == ""


def grow(project: BakedProject) -> None:
    """Add a feature whose dependency is not declared yet: its tests fail."""
    apply_edits(project, ["adds a setting", "adds a route"])
    assert "No module named 'humanize'" in project.run("bin/test", *TESTS, status=4).stderr


def lock(project: BakedProject) -> None:
    """Add a dependency: bin/lock --check refuses the stale lock, bin/lock updates it."""
    before = project.read("requirements.txt")
    require(project, OUTDATED)
    assert "run bin/lock" in project.run("bin/lock", "--check", status=1).stderr
    assert project.read("requirements.txt") == before
    project.run("bin/lock")
    assert f"\n{OUTDATED} \\\n    --hash=sha256:" in project.read("requirements.txt")


def accept(project: BakedProject, message: str) -> None:
    """Check the locks, run the tests, and commit."""
    project.run("bin/lock", "--check")
    project.run("bin/test", *TESTS)
    commit(project, message)


def upgrade(project: BakedProject) -> None:
    """Relock one package in a newer version; all others keep theirs."""
    before = re.sub(rf"^{OUTDATED}.*\n( .*\n)*", "", project.read("requirements.txt"), flags=re.M)
    replace_once(project, "requirements.in", OUTDATED, DEPENDENCY)
    project.run("bin/lock")
    assert project.read("requirements.txt") == add_to_lock(before)


def renew(project: BakedProject) -> None:
    """Upgrade all locks, and discard the result: it differs from day to day."""
    project.run("bin/lock", "--upgrade")
    assert LOCKED in project.read("requirements.txt")
    changed = set(git(project, "diff", "--name-only").split())
    assert changed <= {"requirements.txt", "requirements-dev.txt"}
    git(project, "restore", ".")


def release(project: BakedProject, folder: Path) -> BakedProject:
    """Tag a release, and return a clone of the tag."""
    git(project, "tag", "--annotate", "--message", "The party", "v1")
    git(project, "clone", "--quiet", "--branch", "v1", ".", str(folder))
    released = BakedProject(folder, project.answers)
    assert git(released, "describe") == "v1\n"
    return released


def serve(released: BakedProject, log: Path) -> None:
    """Run a release: /version names it, and it has the new feature."""
    environ = {"REDIS_URL": "redis://127.0.0.1:1", "SECRET_KEY": "k" * 48, "RELEASE": "v1"}
    environ["PATH"] = f"{released.path}/.venv/bin:/usr/bin:/bin"
    service = Service(environ, log, released.path, ["gunicorn"])
    try:
        service.wait_until_alive()
        assert service.get("/version").json()["release"] == "v1"
        assert service.get("/party").json() == {"party": "at visit 1,000"}
    finally:
        service.kill()
