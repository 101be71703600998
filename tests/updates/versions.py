"""Earlier versions of the template, and the template as a repository for cruft.

A version is a heading of CHANGELOG.md, such as `## 0.2.0`, and its first commit on the main line. Tags
can be missing in a clone, and commit ids change when history is rewritten. A shallow clone has no
earlier versions, and a test fails in it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, environment
from tests.updates.commands import commit, cruft, git, read_cruft


def has_history() -> bool:
    """Return True if the repository is a clone with all commits."""
    probe = ["git", "rev-parse", "--show-toplevel", "--is-shallow-repository"]
    result = subprocess.run(
        probe, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return result.stdout.splitlines() == [str(ROOT), "false"]


def run_git_here(*words: str) -> str:
    """Run git in this repository, and return its output."""
    return BakedProject(ROOT, {}).run("git", *words).stdout


def parse_versions(changelog: str) -> list[str]:
    """Return the versions in a changelog, newest first."""
    return re.findall(r"^## (\d\S*)", changelog, re.MULTILINE)


def find_revisions() -> dict[str, str]:
    """Return the revision of each version, oldest first; empty without the whole history."""
    log = ["log", "--first-parent", "--reverse", "--format=%H", "--", "CHANGELOG.md"]
    found: dict[str, str] = {}
    for revision in run_git_here(*log).split() if has_history() else []:
        for name in reversed(parse_versions(run_git_here("show", f"{revision}:CHANGELOG.md"))):
            found.setdefault(name, revision)
    return found


def find_versions() -> dict[str, str]:
    """Return the revision of each version with a difference to the present, oldest first."""
    return {
        name: revision
        for name, revision in find_revisions().items()
        if run_git_here("diff", "--name-only", revision)
    }


@dataclass(frozen=True)
class Template:
    """Repository with the history of the template and a last commit of the present files."""

    path: Path

    @classmethod
    def clone(cls, folder: Path) -> Template:
        """Clone this repository, and commit its uncommitted changes."""
        run_git_here("clone", "--quiet", "--no-tags", str(ROOT), str(folder))
        template = cls(folder)
        template.git("checkout", "--quiet", "-B", "main")
        template.git("rm", "--quiet", "-r", ".")
        for name in run_git_here(
            "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        ).split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        template.git("add", "--all")
        template.git("commit", "--quiet", "--allow-empty", "--message", "The present")
        return template

    def git(self, *words: str) -> str:
        """Run git in the repository, and return its output."""
        return git(BakedProject(self.path, {}), *words)

    def change(self, branch: str, *changes: tuple[str, str, str], since: str = "main") -> None:
        """Commit a version with changed files (name, old text, new text) on a branch."""
        self.git("checkout", "--quiet", "-B", branch, since)
        for name, old, new in changes:
            text = (self.path / name).read_text("utf-8")
            assert text.count(old) == 1, f"{name}: {text.count(old)} times {old!r}"
            (self.path / name).write_text(text.replace(old, new), "utf-8")
        self.git("commit", "--quiet", "--all", "--message", f"Make {branch}")
        self.git("checkout", "--quiet", "main")

    def create(self, folder: Path, *options: str) -> BakedProject:
        """Generate a service with cruft in a folder, and commit it."""
        folder.mkdir()
        cruft(BakedProject(folder, {}), "create", "--no-input", *options, str(self.path))
        [path] = folder.iterdir()
        project = BakedProject(path, read_cruft(BakedProject(path, {}))["context"]["cookiecutter"])
        git(project, "init", "--quiet")
        commit(project, "Generate the service")
        return project
