"""A new project passes its own checks, and the checks find a planted problem."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pre_gen_project import CHOICES

from tests.support.baking import BakedProject
from tests.support.environment import TOOLS
from tests.support.fixtures import Bake

# Python 3.14 has shorter forms, which Python 3.11 does not know.
OLD_SYNTAX = '''"""Odd."""


class Odd:
    """Odd."""

    def read(self, text: str) -> "Odd | int":
        """Return a number or itself."""
        try:
            return int(text)
        except (TypeError, ValueError):
            return self
'''
KEY = re.compile(r"^SECRET_KEY=(.*)$", re.MULTILINE)


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project after bin/setup."""
    return prepare().copy_to(tmp_path)


# bin/setup


def test_setup_creates_the_configuration_of_development_with_a_secret(prepare: Bake) -> None:
    project = prepare()
    config, sample = (project.read(f"config/development.env{end}") for end in ("", ".example"))
    [key] = KEY.findall(config)
    assert len(key) >= 32
    # An empty value would override the Redis that bin/dev and compose provide.
    assert config.replace(key, "replace-me").replace("#REDIS_URL=", "REDIS_URL=") == sample
    redis = re.fullmatch(
        r"REDIS_URL=redis://:(\S{32,})@redis:6379/0\n",
        project.read("config/redis.env"),
    )
    assert redis
    assert redis[1] != key
    for name in ("development", "redis"):
        assert (project.path / f"config/{name}.env").stat().st_mode & 0o777 == 0o600
    [other] = KEY.findall(
        prepare(project_slug="a", package_name="a").read("config/development.env")
    )
    assert other != key


def test_setup_can_be_repeated_and_keeps_edits(project: BakedProject) -> None:
    project.write("config/development.env", "SECRET_KEY=mine\n")
    stamp = project.path / ".venv/made-from"
    before = (project.state(), stamp.stat(), stamp.read_text())
    assert project.run("bin/setup").stdout == ""
    assert (project.state(), stamp.stat(), stamp.read_text()) == before


# bin/test and bin/lint


def test_lint_fix_changes_nothing_in_a_new_project(project: BakedProject) -> None:
    before = project.state()
    project.run("bin/lint", "--fix")
    assert project.state() == before


@pytest.mark.parametrize("version", CHOICES["python_version"])
def test_lint_asks_for_nothing_that_the_oldest_python_does_not_know(
    version: str, bake: Bake, tmp_path: Path
) -> None:
    project = bake(python_version=version).copy_to(tmp_path)
    project.write("{package_name}/odd.py", OLD_SYNTAX)
    for words in (["ruff", "format", "--check"], ["ruff", "check"]):
        project.run(*words, PATH=TOOLS)


@pytest.mark.parametrize(
    ("name", "text", "command", "message"),
    [
        pytest.param(
            "{package_name}/odd.py",
            '"""Odd."""\n\nodd  =  1\n',
            "bin/lint",
            "visit_counter/odd.py:3:5",
            id="an unformatted file",
        ),
        pytest.param(
            "{package_name}/odd.py",
            '"""Odd."""\n\nimport os\n',
            "bin/lint",
            "visit_counter/odd.py:3:8",
            id="an unused import",
        ),
        pytest.param(
            "{package_name}/odd.py",
            '"""Odd."""\n\nodd: int = "one"\n',
            "bin/lint",
            "visit_counter/odd.py:3: error: Incompatible types",
            id="a type error",
        ),
        pytest.param(
            "bin/odd", "#!/bin/sh\nrm $1\n", "bin/lint", "In bin/odd line 2", id="a shell mistake"
        ),
        pytest.param(
            "tests/test_odd.py",
            "def test_odd():\n    assert False\n",
            "bin/test",
            "FAILED tests/test_odd.py::test_odd",
            id="a failing test",
        ),
        pytest.param(
            "tests/test_odd.py",
            "import warnings\n\n\ndef test_odd():\n    warnings.warn('odd')\n",
            "bin/test",
            "UserWarning: odd",
            id="a warning",
        ),
    ],
)
def test_a_planted_problem_is_refused_and_named(
    name: str, text: str, command: str, message: str, project: BakedProject
) -> None:
    project.write(name, text)
    only = ["tests/test_odd.py"] if command == "bin/test" else []
    result = project.run(command, *only, status=1)
    assert message in result.stdout


# bin/lock


def test_a_stale_lock_is_refused_and_bin_lock_updates_it(project: BakedProject) -> None:
    # Few packages, because the test installs all of them.
    project.write("requirements.in", "click-plugins\n")
    project.write("requirements-dev.in", "-c requirements.txt\nuv\n")
    before = project.state()
    refused = project.run("bin/lock", "--check", status=1)
    assert "run bin/lock" in refused.stderr
    assert "+click-plugins==" in refused.stdout
    assert project.state() == before
    project.run("bin/lock")
    assert re.search(r"^click-plugins==\S+ \\\n    --hash", project.read("requirements.txt"), re.M)
    (project.path / ".venv").unlink()  # it is made anew, and the other tests still need it
    project.run("bin/lock", "--check")
    project.run(".venv/bin/python", "-c", "import click_plugins")


def test_a_lock_without_hashes_is_not_installed(project: BakedProject) -> None:
    (project.path / ".venv").unlink()
    lock = re.sub(r" \\\n    --hash=\S+", "", project.read("requirements.txt"))
    project.write("requirements.txt", lock)
    refused = project.run("bin/setup", status=1)
    assert "Hashes are required" in refused.stderr
    assert not (project.path / ".venv/made-from").exists()
