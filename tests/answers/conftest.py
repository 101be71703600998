"""Fixtures of the answers: the home of the test itself, and sandboxes of users."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.command_line import Run
from tests.answers.sandbox import Sandbox
from tests.support.environment import environment


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test a home, and assert that no attack created a file in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    assert not (tmp_path / "pwned").exists()


@pytest.fixture
def sandbox(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Sandbox:
    """Return a new sandbox."""
    return Sandbox(tmp_path / "sandbox", capfd)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Create the working folder of a user, and a home with cookiecutter on the PATH."""
    (tmp_path / "home/bin").mkdir(parents=True)
    shim = tmp_path / "home/bin/cookiecutter"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cookiecutter "$@"\n')
    shim.chmod(0o755)
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def run(out: Path) -> Run:
    """Return a function that runs a command in the working folder of the user."""
    home = out.parent / "home"
    given = environment(HOME=str(home), PWD=str(out), GIT_CONFIG_GLOBAL=os.devnull)
    given |= {"PATH": f"{home}/bin:{given['PATH']}", "PYTHONIOENCODING": "utf-8"}

    def run(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            cwd=out,
            env={**given, **extra},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run
