"""git and cruft in a project, without the configuration of the developer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.support.baking import BakedProject

CRUFT = str(Path(sys.executable).with_name("cruft"))
# Variables that replace the configuration of the developer
ISOLATED: dict[str, Any] = {
    "COOKIECUTTER_CONFIG": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ada@example.com" for who in ("AUTHOR", "COMMITTER")},
}


def git(project: BakedProject, *words: str) -> str:
    """Run git in a project, and return its output."""
    return project.run("git", *words, **ISOLATED).stdout


def commit(project: BakedProject, message: str) -> None:
    """Commit all files of a project."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", message)


def cruft(project: BakedProject, *words: str, status: int = 0) -> str:
    """Run cruft in a project, and return its output and that of the hooks."""
    words = (CRUFT, *words)
    return project.run(*words, status=status, PWD=str(project.path), **ISOLATED).stdout


def read_cruft(project: BakedProject) -> dict[str, Any]:
    """Return .cruft.json of a project."""
    state: dict[str, Any] = json.loads(project.read(".cruft.json"))
    return state
