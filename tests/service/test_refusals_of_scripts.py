"""Usage, refusals and migrations of bin/setup, dev, test, lint and lock, with a stub in place of .venv."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

SCRIPTS = ("setup", "dev", "test", "lint", "lock")
STAMP = "cat .python-version requirements.txt requirements-dev.txt | cksum >.venv/made-from"
# Programs that bin/setup runs before it looks for Python
TOOLS = ("cat", "cksum", "dirname", "env", "sed")
Prepare = Callable[[BakedProject], object]


@pytest.fixture
def project(bake: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project in which bin/setup is up to date."""
    project = bake().copy_to(tmp_path)
    (project.path / ".venv/bin").mkdir(parents=True)
    project.write(".venv/pyvenv.cfg", f"command = python -m venv {project.path}/.venv\n")
    write_program(project.path / ".venv/bin/python", "exit 0")
    project.run("sh", "-c", STAMP)
    project.write("config/development.env", "SECRET_KEY=mine\n")
    project.write("config/redis.env", "REDIS_URL=redis://:a-b_c@redis:6379/0\n")
    return project


def write_program(path: Path, script: str) -> None:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def keep_tools_only(project: BakedProject) -> Path:
    """Remove the environment, and return a folder with the tools of bin/setup but no Python."""
    shutil.rmtree(project.path / ".venv")
    folder = project.path / "tools"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(str(shutil.which(tool)))
    return folder


def install_python_without_venv(project: BakedProject) -> None:
    """Replace Python 3 with a stub without a venv module."""
    python = keep_tools_only(project) / "python3"
    write_program(python, 'case $2 in *ensurepip*) exit 1 ;; esac\necho "python3"')


def make_locks_stale(project: BakedProject) -> None:
    """Replace uv with a stub that adds a line to each lock, and Python with one that runs it."""
    write_program(project.path / ".venv/bin/python", 'shift 2\nexec "$@"')
    find = (
        'for word; do case $word in --output-file=*) echo "# new" >>"$2/${word#*=}" ;; esac; done'
    )
    write_program(project.path / ".venv/bin/uv", find)


@pytest.mark.parametrize(
    ("command", "prepare", "status", "line"),
    [
        pytest.param(
            "bin/setup --nonsense",
            None,
            2,
            "bin/setup: unknown argument --nonsense; run bin/setup --help",
            id="setup, an unknown option",
        ),
        pytest.param(
            "bin/setup",
            keep_tools_only,
            1,
            "bin/setup: no Python 3.14 or ≥ 3.11 found; install Python 3.14 or add it to the PATH",
            id="setup, no Python",
        ),
        pytest.param(
            "bin/setup",
            install_python_without_venv,
            1,
            "bin/setup: python3 has no venv module; on Debian run apt-get install python3-venv",
            id="setup, no venv module",
        ),
        pytest.param(
            "bin/dev --nonsense",
            None,
            2,
            "bin/dev: unknown option --nonsense; run bin/dev --help",
            id="dev, an unknown option",
        ),
        pytest.param(
            "bin/lint --nonsense",
            None,
            2,
            "bin/lint: unknown argument --nonsense; run bin/lint --help",
            id="lint, an unknown option",
        ),
        pytest.param(
            "bin/lint --fix bin",
            None,
            2,
            "bin/lint: unknown argument bin; run bin/lint --help",
            id="lint, an argument too many",
        ),
        pytest.param(
            "bin/lock --nonsense",
            None,
            2,
            "bin/lock: unknown argument --nonsense; run bin/lock --help",
            id="lock, an unknown option",
        ),
        pytest.param(
            "bin/lock --check --upgrade",
            None,
            2,
            "bin/lock: unknown argument --upgrade; run bin/lock --help",
            id="lock, two options",
        ),
        pytest.param(
            "bin/lock --check",
            make_locks_stale,
            1,
            "bin/lock: requirements.txt does not match its input; run bin/lock",
            id="lock, a stale lock",
        ),
    ],
)
def test_a_refusal_is_one_line_with_problem_and_remedy(
    command: str, prepare: Prepare | None, status: int, line: str, project: BakedProject
) -> None:
    if prepare:
        prepare(project)
    tools = project.path / "tools"
    path = str(tools) if tools.exists() else os.environ["PATH"]
    assert project.run(*command.split(), status=status, PATH=path).stderr == f"{line}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_help_is_the_usage_in_the_header_and_sets_nothing_up(
    script: str, option: str, bake: Bake
) -> None:
    project = bake()
    result = project.run(f"bin/{script}", option)
    header = project.read(f"bin/{script}").splitlines()[1:]
    usage = [line.removeprefix("#").removeprefix(" ") for line in header if line.startswith("#")]
    assert f"  bin/{script}" in result.stdout
    assert result.stdout.splitlines() == usage[: len(result.stdout.splitlines())]
    assert result.stderr == ""
    assert not (project.path / ".venv").exists()
