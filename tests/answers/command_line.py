"""cookiecutter as a program of a user: its replay file, its results, and a template in git."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.answers.hooks import pre
from tests.support.environment import ROOT, SERVICE

Run = Callable[..., subprocess.CompletedProcess[str]]


def read_replay(out: Path, template: Path = ROOT) -> dict[str, Any]:
    """Return the answers in the replay file of a template."""
    replay = out.parent / "home/.cookiecutter_replay" / f"{template.name}.json"
    answers: dict[str, Any] = json.loads(replay.read_text("utf-8"))["cookiecutter"]
    return {name: answers[name] for name in pre.RULES}


def read_tree(folder: Path, mode: int = 0o7777) -> dict[str, tuple[int, bytes]]:
    """Return the masked mode and the content of each file and folder below a folder."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode & mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def commit_template(folder: Path) -> Path:
    """Copy the parts that cookiecutter reads into a new git repository with the tag v1."""
    folder.mkdir()
    shutil.copy(ROOT / "cookiecutter.json", folder)
    ignore = shutil.ignore_patterns("__pycache__")
    for part in ("hooks", "templates", SERVICE.name):
        shutil.copytree(ROOT / part, folder / part, ignore=ignore, symlinks=True)
    git = ["git", "-C", str(folder), "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for words in (["init", "-q"], ["add", "-fA"], ["commit", "-qm", "All"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True)
    return folder
