"""The earlier versions of the template, and the template as the repository that cruft takes it from.

A version is a heading of CHANGELOG.md, such as `## 0.2.0`; what it was is the first commit of the main
line whose CHANGELOG.md has that heading. So to make a version is to commit its heading: there is no tag
that a clone may lack, and no commit id that a rewritten history would invalidate. A clone without the
whole history has no earlier versions, and a test says so.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, environment

CRUFT = str(Path(sys.executable).with_name("cruft"))
# What a developer has in the configuration of git and cookiecutter must not change a result.
ALONE: dict[str, Any] = {
    "COOKIECUTTER_CONFIG": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    **{f"GIT_{who}_NAME": "Ada" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "ada@example.com" for who in ("AUTHOR", "COMMITTER")},
}


def has_history() -> bool:
    """Tell whether this is a clone of the template with all of its commits."""
    probe = ["git", "rev-parse", "--show-toplevel", "--is-shallow-repository"]
    result = subprocess.run(
        probe, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return result.stdout.splitlines() == [str(ROOT), "false"]


def here(*words: str) -> str:
    """Return what git says of this repository."""
    return BakedProject(ROOT, {}).run("git", *words).stdout


def headings(changelog: str) -> list[str]:
    """Return the versions that a CHANGELOG.md names, the newest first."""
    return re.findall(r"^## (\d\S*)", changelog, re.MULTILINE)


def releases() -> dict[str, str]:
    """Return the commit of each version, the oldest first; empty without the whole history."""
    log = ["log", "--first-parent", "--reverse", "--format=%H", "--", "CHANGELOG.md"]
    found: dict[str, str] = {}
    for commit in here(*log).split() if has_history() else []:
        for name in reversed(headings(here("show", f"{commit}:CHANGELOG.md"))):
            found.setdefault(name, commit)
    return found


def versions() -> dict[str, str]:
    """Return the commit of each version that differs from the present, the oldest first."""
    found = releases()
    return {name: commit for name, commit in found.items() if here("diff", "--name-only", commit)}


@dataclass(frozen=True)
class Template:
    """A repository with the history of the template, and on top of it the files as they are now."""

    path: Path

    @classmethod
    def of_now(cls, folder: Path) -> Template:
        """Clone this repository, and commit what is not committed yet."""
        here("clone", "--quiet", "--no-tags", str(ROOT), str(folder))
        template = cls(folder)
        template.git("checkout", "--quiet", "-B", "main")
        template.git("rm", "--quiet", "-r", ".")
        for name in here("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(
            "\0"
        ):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        template.git("add", "--all")
        template.git("commit", "--quiet", "--allow-empty", "--message", "The present")
        return template

    def git(self, *words: str) -> str:
        """Run git in the repository, and return what it says."""
        return git(BakedProject(self.path, {}), *words)

    def change(self, branch: str, *changes: tuple[str, str, str], since: str = "main") -> None:
        """Make another version on a branch, in which texts of some files are others."""
        self.git("checkout", "--quiet", "-B", branch, since)
        for name, old, new in changes:
            text = (self.path / name).read_text("utf-8")
            assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
            (self.path / name).write_text(text.replace(old, new), "utf-8")
        self.git("commit", "--quiet", "--all", "--message", f"Make {branch}")
        self.git("checkout", "--quiet", "main")

    def create(self, folder: Path, *options: str) -> BakedProject:
        """Let cruft generate a service in a folder, and commit it."""
        folder.mkdir()
        cruft(BakedProject(folder, {}), "create", "--no-input", *options, str(self.path))
        [path] = folder.iterdir()
        project = BakedProject(path, kept(BakedProject(path, {}))["context"]["cookiecutter"])
        git(project, "init", "--quiet")
        commit(project, "Generate the service")
        return project


def git(project: BakedProject, *words: str) -> str:
    """Run git in a project, and return what it says."""
    return project.run("git", *words, **ALONE).stdout


def commit(project: BakedProject, message: str) -> None:
    """Commit everything in a project."""
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", message)


def cruft(project: BakedProject, *words: str, status: int = 0) -> str:
    """Run cruft where a project is, and return what it and the hooks print."""
    words = (CRUFT, *words)
    return project.run(*words, status=status, PWD=str(project.path), **ALONE).stdout


def kept(project: BakedProject) -> dict[str, Any]:
    """Return what cruft keeps of a project."""
    state: dict[str, Any] = json.loads(project.read(".cruft.json"))
    return state
