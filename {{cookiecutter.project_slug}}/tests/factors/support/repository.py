"""Files and history of the repository, and copies of it that a test may change."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.factors.support.instance import PACKAGE
from tests.support.service import ROOT

IS_REPOSITORY = (ROOT / ".git").exists()
GIT = shutil.which("git")
# Python files that production runs.
CODE = rf"(?:{PACKAGE}/.*|gunicorn\.conf)\.py"
SAMPLES = {path.name.partition(".")[0]: path for path in sorted(ROOT.glob("config/*.env.example"))}
# Names of deploys; the package itself may be named with such a word.
DEPLOYS = {*SAMPLES, "prod", "production", "staging", "uat"} - set(PACKAGE.split("_"))
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
PLACEHOLDER = "replace-me"
# Private keys, and tokens of AWS, GitHub, GitLab and Slack.
CREDENTIAL = (
    "-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[oprsu]_[0-9A-Za-z]{36}"
    "|glpat-[0-9A-Za-z_-]{20}|xox[abprs]-[0-9A-Za-z-]{10}"
)
# A password that is neither a placeholder nor a variable.
CREDENTIAL_IN_URL = r"://[^\s/:@]*:(?!replace-me|password|[$<{])[^\s/@]+@"
VARIABLE = re.compile(r"^([A-Z_]+)=(.*)$", re.MULTILINE)


def git(*words: str) -> str:
    """Return the output of git, which is empty outside of a repository."""
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
def list_files() -> dict[str, Path]:
    """Return every file of the repository by its name, except ignored files."""
    if IS_REPOSITORY and GIT:
        listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        names = [name for name in listed if (ROOT / name).is_file()]
    else:
        names = list(walk(ROOT))
    return {name: ROOT / name for name in sorted(names)}


def walk(folder: Path) -> Iterator[str]:
    """Return the files that .gitignore does not match, for systems without git."""
    lines = ["/.git", *(ROOT / ".gitignore").read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    for path in folder.iterdir():
        name = PurePosixPath("/", path.relative_to(ROOT))
        if not any(map(name.match, patterns)):
            yield from walk(path) if path.is_dir() else [str(name)[1:]]


def read_texts(pattern: str) -> dict[str, str]:
    """Return the texts of all files whose name matches; raises AssertionError if none does."""
    found = {name: path for name, path in list_files().items() if re.fullmatch(pattern, name)}
    assert found, f"no file matches {pattern}"
    return {name: path.read_text("utf-8", errors="replace") for name, path in found.items()}


def parse_variables(text: str) -> dict[str, str]:
    """Return the environment variables of a configuration."""
    return dict(VARIABLE.findall(text))


def copy_repository(folder: Path) -> Path:
    """Copy the repository to a new folder, with links to its virtual environment."""
    for name, path in list_files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / name)
    # One link per entry: bin/setup in the copy replaces the links and leaves their targets alone.
    (folder / ".venv").mkdir()
    for path in Path(sys.prefix).iterdir():
        (folder / ".venv" / path.name).symlink_to(path)
    # bin/setup makes an environment anew if it was created at another path.
    config = folder / ".venv/pyvenv.cfg"
    command = f"command = python -m venv {config.parent}"
    text = re.sub("(?m)^command = .*", command, config.read_text())
    config.unlink()
    config.write_text(text)
    return folder
