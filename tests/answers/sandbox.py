"""Sandbox of a bake: the home, the temporary folder and the working folder of a user."""

from __future__ import annotations

import json
import os
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, environment

# Replay files, and the rendered hooks that cookiecutter leaves behind
COOKIECUTTER_FILES = (
    "home/.cookiecutter_replay",
    "home/.cookiecutter_replay/*.json",
    "tmp/tmp*.py",
)
HOOKS = [ROOT / "hooks" / f"{name}_gen_project.py" for name in ("pre", "post")]


def read_entry(path: Path) -> tuple[int, bytes | str]:
    """Return the mode of a file, folder or link, and its content or target."""
    mode = path.lstat().st_mode
    if path.is_symlink():
        return mode, os.readlink(path)
    return mode, path.read_bytes() if path.is_file() else ""


def make_folder(path: Path) -> None:
    """Create a folder with two files of the user."""
    path.mkdir()
    for name in ("README.md", "mine.txt"):
        (path / name).write_text("Mine.\n")


class Sandbox:
    """Folder with everything that a bake can reach."""

    def __init__(self, root: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.root, self.captured = root, captured
        self.home, self.tmp, self.work = root / "home", root / "tmp", root / "work"
        for name in ("home/.profile", "tmp/other", "work/notes.txt", "work/.git/config", "mine"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"This is {name}.\n")

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of the user."""
        places = {"HOME": str(self.home), "TMPDIR": str(self.tmp), "PWD": str(self.work)}
        return environment(**places, PYTHONIOENCODING="utf-8")

    def snapshot(self) -> dict[str, tuple[int, bytes | str]]:
        """Return all files, folders and links, without the files of cookiecutter itself."""
        found = {path.relative_to(self.root).as_posix(): path for path in self.root.rglob("*")}
        own = {name for name in found if any(fnmatch(name, one) for one in COOKIECUTTER_FILES)}
        return {name: read_entry(path) for name, path in found.items() if name not in own}

    def find_hooks(self) -> list[Path]:
        """Return the hooks that ran; cookiecutter leaves them behind in rendered form."""
        starts = {path.read_text("utf-8").partition("\n")[0]: path for path in HOOKS}
        left = [path.read_text("utf-8").partition("\n")[0] for path in self.tmp.glob("tmp*.py")]
        return sorted(starts[start] for start in left)

    def read_replay(self) -> dict[str, Any]:
        """Return the answers in the replay file that cookiecutter wrote."""
        [file] = (self.home / ".cookiecutter_replay").iterdir()
        answers: dict[str, Any] = json.loads(file.read_text("utf-8"))["cookiecutter"]
        return answers

    def open_project(self, slug: str) -> BakedProject:
        """Return the project that was generated."""
        return BakedProject(self.work / slug, self.read_replay())
