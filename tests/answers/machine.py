"""A user's machine in a folder, on which cookiecutter may change nothing but the project."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import chdir
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from cookiecutter.exceptions import CookiecutterException
from cookiecutter.main import cookiecutter

from tests.answers import channels
from tests.answers.channels import API, COMMAND, CONFIG, REPLAY, Answers
from tests.support.baking import BakedProject
from tests.support.environment import ROOT, environment

# What cookiecutter raises, besides its own exceptions, when it cannot go on.
ERRORS = (CookiecutterException, KeyError, OSError, TypeError, ValueError)
# What it writes down for a replay, and the scripts of the hooks, which it renders and forgets.
OWN = ("home/.cookiecutter_replay", "home/.cookiecutter_replay/*.json", "tmp/tmp*.py")
HOOKS = [ROOT / "hooks" / f"{name}_gen_project.py" for name in ("pre", "post")]
REFUSED = re.compile(r"^(\w+): (.+); use .+$", re.MULTILINE)


class Ending(NamedTuple):
    """Hold how a bake ended: the error, if there was one, and all that was said."""

    error: str
    said: str

    def refused(self) -> dict[str, str]:
        """Return value and problem of each refused answer; raises AssertionError if there is none."""
        assert "Hook script failed (exit status: 1)" in self.error + self.said, self
        assert self.said.count("Nothing was generated. To continue with these values:") == 1
        return dict(REFUSED.findall(self.said))


def fits(answers: Answers, channel: str) -> bool:
    """Tell whether a channel can bring the answers, and bring them as far as the hook."""
    if channel == COMMAND:
        return not any("\0" in text for text in answers.values())
    # Whatever folder a replay file names, cookiecutter makes it, or it exists, before a hook can refuse.
    slug = answers.get("project_slug", "shop")
    path = len(slug) > 40 or slug in ("", ".", "..", ".git") or set("/\\\0") & set(slug)
    return channel != REPLAY or not path


def held(path: Path) -> tuple[int, bytes | str]:
    """Return the mode of a file, and what it holds or leads to."""
    mode = path.lstat().st_mode
    if path.is_symlink():
        return mode, os.readlink(path)
    return mode, path.read_bytes() if path.is_file() else ""


class Machine:
    """A folder with all that a bake could reach: a home, temporary files, and where the user works."""

    def __init__(self, root: Path, said: pytest.CaptureFixture[str]) -> None:
        self.root, self.captured = root, said
        self.home, self.tmp, self.work = root / "home", root / "tmp", root / "work"
        for name in ("home/.profile", "tmp/other", "work/notes.txt", "work/.git/config", "mine"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(f"This is {name}.\n")

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment of the user."""
        places = {"HOME": str(self.home), "TMPDIR": str(self.tmp), "PWD": str(self.work)}
        return environment(**places, PYTHONIOENCODING="utf-8")

    def state(self) -> dict[str, tuple[int, bytes | str]]:
        """Return all files, folders and links, but not what cookiecutter keeps for itself."""
        found = {path.relative_to(self.root).as_posix(): path for path in self.root.rglob("*")}
        own = {name for name in found if any(fnmatch(name, pattern) for pattern in OWN)}
        return {name: held(path) for name, path in found.items() if name not in own}

    def hooks(self) -> list[Path]:
        """Return the hooks that ran, which cookiecutter leaves behind as they were rendered."""
        starts = {path.read_text("utf-8").partition("\n")[0]: path for path in HOOKS}
        left = [path.read_text("utf-8").partition("\n")[0] for path in self.tmp.glob("tmp*.py")]
        return sorted(starts[start] for start in left)

    def bake(self, channel: str, answers: Answers, overwrite: bool = False) -> Ending:
        """Let the real cookiecutter work with the answers."""
        self.captured.readouterr()
        if channel == COMMAND:
            return self.run(*channels.words(answers), *["--overwrite-if-exists"] * overwrite)
        error = ""
        with (
            patch.dict(os.environ, self.environ, clear=True),
            patch.object(tempfile, "tempdir", str(self.tmp)),
            chdir(self.work),
        ):
            try:
                given = self.arguments(channel, answers)
                cookiecutter(str(ROOT), overwrite_if_exists=overwrite, **given)
            except ERRORS as reason:
                error = f"{type(reason).__name__}: {reason}"
        return Ending(error, "".join(self.captured.readouterr()))

    def run(self, *words: str) -> Ending:
        """Run cookiecutter as a program."""
        result = subprocess.run(
            [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input", *words],
            cwd=self.work,
            env=self.environ,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        error = f"exit status {result.returncode}" if result.returncode else ""
        return Ending(error, result.stdout + result.stderr)

    def arguments(self, channel: str, answers: Answers) -> dict[str, Any]:
        """Return how the Python interface of cookiecutter is told the answers."""
        kept = str(self.home / ".cookiecutter_replay")
        file = self.root.with_name(f"{self.root.name}-{channel}.json")
        if channel == CONFIG:
            file.write_text(channels.config(answers, replay_dir=kept))
            return {"config_file": str(file), "no_input": True}
        if channel == REPLAY:
            file.write_text(channels.replay(answers))
            return {"replay": str(file), "default_config": {"replay_dir": kept}}
        assert channel == API
        given = {"extra_context": dict(answers), "no_input": True}
        return {**given, "default_config": {"replay_dir": kept}}

    def remembered(self) -> dict[str, Any]:
        """Return the answers that cookiecutter wrote down for a replay."""
        [kept] = (self.home / ".cookiecutter_replay").iterdir()
        answers: dict[str, Any] = json.loads(kept.read_text("utf-8"))["cookiecutter"]
        return answers

    def project(self, slug: str) -> BakedProject:
        """Return the project that was generated."""
        return BakedProject(self.work / slug, self.remembered())
