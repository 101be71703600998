"""The repository as a reader of its files sees it, and copies of it that a test may change."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.factors.support.additions import PACKAGE
from tests.support.service import ROOT

IS_REPOSITORY = (ROOT / ".git").exists()
GIT = shutil.which("git")
# What production runs.
CODE = rf"(?:{PACKAGE}/.*|gunicorn\.conf)\.py"
SAMPLES = {path.name.partition(".")[0]: path for path in sorted(ROOT.glob("config/*.env.example"))}
# What only a deploy is called; part of the name of the app itself it may be.
DEPLOYS = {*SAMPLES, "prod", "production", "staging", "uat"} - set(PACKAGE.split("_"))
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
PLACEHOLDER = "replace-me"
# Keys of well-known kinds, and a password in an address that is more than the word.
CREDENTIAL = (
    "-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[oprsu]_[0-9A-Za-z]{36}"
    "|glpat-[0-9A-Za-z_-]{20}|xox[abprs]-[0-9A-Za-z-]{10}"
)
LOGIN = r"://[^\s/:@]*:(?!replace-me|password|[$<{])[^\s/@]+@"
VARIABLE = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


def git(*words: str) -> str:
    """Return what git says of the repository, which is nothing before there is one."""
    if not IS_REPOSITORY:
        return ""
    run = subprocess.run(
        [GIT or pytest.skip("needs git"), *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return run.stdout


@cache
def files() -> dict[str, Path]:
    """Return every file of the repository by its name, but none that git ignores."""
    if IS_REPOSITORY and GIT:
        listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        names = [name for name in listed if (ROOT / name).is_file()]
    else:
        names = list(below(ROOT))
    return {name: ROOT / name for name in sorted(names)}


def below(folder: Path) -> Iterator[str]:
    """Find files as git would, as far as one can without it: all but those in .gitignore."""
    lines = ["/.git", *(ROOT / ".gitignore").read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    for path in folder.iterdir():
        name = PurePosixPath("/", path.relative_to(ROOT))
        if not any(map(name.match, patterns)):
            yield from below(path) if path.is_dir() else [str(name)[1:]]


def texts(pattern: str) -> dict[str, str]:
    """Return the text of every file whose name matches a pattern as a whole."""
    found = {name: path for name, path in files().items() if re.fullmatch(pattern, name)}
    assert found, f"no file is called {pattern}"
    return {name: path.read_text("utf-8", errors="replace") for name, path in found.items()}


def variables(text: str) -> dict[str, str]:
    """Return what a configuration gives to the service."""
    return dict(VARIABLE.findall(text))


def copied(folder: Path) -> Path:
    """Copy the repository to a new folder, as a clone has it, with the environment of this one."""
    for name, path in files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
    # File by file, so that bin/setup would make an environment there, and never change this one.
    (folder / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        (folder / ".venv" / path.name).symlink_to(path)
    return folder
