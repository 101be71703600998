"""Rendered projects: read, change, copy and set them up, and run commands in them."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.environment import environment

# Files and folders that tools create in a project
MADE = re.compile(r"\.venv|\..*_cache|__pycache__|reports")
LOCK = re.compile(r"requirements(-\w+)?\.txt")


class FileState(NamedTuple):
    """Mode, time of modification (ns) and content of a file."""

    mode: int
    modified: int
    content: bytes


@dataclass(frozen=True)
class BakedProject:
    """Project that cookiecutter rendered."""

    path: Path
    answers: Mapping[str, str]

    def files(self) -> dict[str, Path]:
        """Return the files by their relative paths, without those that tools created."""
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
        """Write a file; those in bin/ become executable."""
        name = name.format(**self.answers)
        (self.path / name).write_text(text, "utf-8")
        if name.startswith("bin/"):
            (self.path / name).chmod(0o755)

    def state(self) -> dict[str, FileState]:
        """Return mode, time and content of each file."""
        stats = {name: (path, path.stat()) for name, path in self.files().items()}
        return {
            name: FileState(stat.st_mode, stat.st_mtime_ns, path.read_bytes())
            for name, (path, stat) in stats.items()
        }

    def run(
        self, *words: str, status: int = 0, timeout: float = 300, **extra: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the project; raises AssertionError with its output at another status."""
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
        report = f"{' '.join(words)} ended with {result.returncode}\n{result.stdout}{result.stderr}"
        assert result.returncode == status, report
        return result

    def copy_to(self, folder: Path) -> BakedProject:
        """Return a copy for changes; it shares the virtual environment."""
        copy = shutil.copytree(
            self.path, folder / self.path.name, ignore=shutil.ignore_patterns(".venv")
        )
        if (self.path / ".venv").exists():
            (copy / ".venv").symlink_to((self.path / ".venv").resolve())
        return BakedProject(copy, self.answers)

    def set_up(self, shared: Path) -> None:
        """Run bin/setup with a virtual environment that projects with these locks and Python share.

        The first project creates it with bin/setup, in a copy that stays. The others wait for it,
        in any process of pytest-xdist.
        """
        inputs = [
            ".python-version",
            *sorted(name for name in self.files() if LOCK.fullmatch(name)),
        ]
        key = sha256("".join(map(self.read, inputs)).encode()).hexdigest()
        folder = shared / f"environment-{key[:16]}"
        with folder.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not list(folder.glob("*/.venv/made-from")):
                shutil.rmtree(folder, ignore_errors=True)
                self.copy_to(folder).run("bin/setup")
        [stamp] = folder.glob("*/.venv/made-from")
        (self.path / ".venv").symlink_to(stamp.parent)
        self.run("bin/setup")
