"""A rendered project, and what a test may do with it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "{{cookiecutter.project_slug}}"
SETTINGS = re.findall(
    "^([A-Z_]+)=", (SERVICE / "config/development.env.example").read_text("utf-8"), re.MULTILINE
)
# PATH with the programs of this virtual environment first.
TOOLS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
# What a developer or a CI runner may have set, and what would change the result of a test.
FOREIGN = re.compile(
    rf"(?:{'|'.join(SETTINGS)})(?:_FILE)?|(?:COOKIECUTTER|FLASK|GUNICORN|MYPY|PYTEST|RUFF)_.*"
)
# What tools leave behind in a project.
MADE = re.compile(r"\.venv|\..*_cache|__pycache__|reports")
LOCK = re.compile(r"requirements(-\w+)?\.txt")


class State(NamedTuple):
    """Hold what a change of a file would change."""

    mode: int
    modified: int
    content: bytes


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of a program: that of the tests without what configures a service."""
    own = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
    return own | extra


@dataclass(frozen=True)
class BakedProject:
    """A project as cookiecutter rendered it."""

    path: Path
    answers: Mapping[str, str]

    def files(self) -> dict[str, Path]:
        """Return every file of the project, but not what tools made, by its name in the project."""
        found = {path.relative_to(self.path): path for path in sorted(self.path.rglob("*"))}
        return {
            name.as_posix(): path
            for name, path in found.items()
            if not path.is_dir() and not any(map(MADE.fullmatch, name.parts))
        }

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.path / name).read_text("utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file, with the mode that scripts have if it is one."""
        name = name.format(**self.answers)
        (self.path / name).write_text(text, "utf-8")
        if name.startswith("bin/"):
            (self.path / name).chmod(0o755)

    def state(self) -> dict[str, State]:
        """Return mode, time and content of every file."""
        stats = {name: (path, path.stat()) for name, path in self.files().items()}
        return {
            name: State(stat.st_mode, stat.st_mtime_ns, path.read_bytes())
            for name, (path, stat) in stats.items()
        }

    def run(
        self, *words: str, status: int = 0, timeout: float = 300, **extra: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; raises AssertionError with the output at another status."""
        result = subprocess.run(
            words,
            cwd=self.path,
            env=environment(**extra),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        said = f"{' '.join(words)} ended with {result.returncode}\n{result.stdout}{result.stderr}"
        assert result.returncode == status, said
        return result

    def copied(self, folder: Path) -> BakedProject:
        """Return a copy that a test may change; it shares the virtual environment."""
        copy = shutil.copytree(
            self.path, folder / self.path.name, ignore=shutil.ignore_patterns(".venv")
        )
        if (self.path / ".venv").exists():
            (copy / ".venv").symlink_to((self.path / ".venv").resolve())
        return BakedProject(copy, self.answers)

    def set_up(self, shared: Path) -> None:
        """Run bin/setup, with the virtual environment that all projects of this lock and Python share.

        The first of them makes it as a user would, in a copy that stays, and the others wait for it,
        in whatever process they are tested.
        """
        made_from = [
            ".python-version",
            *sorted(name for name in self.files() if LOCK.fullmatch(name)),
        ]
        key = sha256("".join(map(self.read, made_from)).encode()).hexdigest()
        folder = shared / f"environment-{key[:16]}"
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not list(folder.glob("*/.venv/made-from")):
                shutil.rmtree(folder, ignore_errors=True)
                self.copied(folder).run("bin/setup")
        [stamp] = folder.glob("*/.venv/made-from")
        (self.path / ".venv").symlink_to(stamp.parent)
        self.run("bin/setup")
