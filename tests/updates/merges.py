"""Content and conflicts of a project, before and after an update."""

from __future__ import annotations

import re

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, SERVICE
from tests.updates.commands import commit, git
from tests.updates.edits import EDITS, apply_edits
from tests.updates.versions import Template

# Edits of files that the first versions lack
NEW_EDITS = {"adds a compose service"}
Content = dict[str, tuple[int, bytes]]


def read_content(project: BakedProject) -> Content:
    """Return mode and content of each file that git does not ignore."""
    names = git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = {name: project.path / name for name in names if name}
    return {name: (path.stat().st_mode, path.read_bytes()) for name, path in paths.items()}


def find_conflicts(project: BakedProject) -> list[str]:
    """Return the files with conflict markers, and rejected hunks."""
    marked = [name for name, (_, text) in read_content(project).items() if b"\n<<<<<<< " in text]
    return marked + [path.name for path in project.path.rglob("*.rej")]


def list_required_edits(template: Template, revision: str) -> list[str]:
    """Return the edits that must be applicable to a version: all but those of newer files."""
    listed = template.git("ls-tree", "--name-only", f"{revision}:{SERVICE.name}").split("\n")
    return [name for name, edit in EDITS.items() if name not in NEW_EDITS or edit.needs in listed]


def commit_edits(project: BakedProject, edits: list[str]) -> Content:
    """Apply and commit edits, and return the content of the project."""
    apply_edits(project, edits)
    commit(project, "Edit")
    return read_content(project)


def read_commands(version: str) -> list[str]:
    """Return the commands of docs/updating.md for an update from a version."""
    page = (ROOT / "docs/updating.md").read_text("utf-8")
    minor = version.rpartition(".")[0]
    sections = re.findall(rf"^### From {re.escape(minor)}$(.*?)^##", page, re.M | re.DOTALL)
    return re.findall("^```sh\n(.*?)^```", "".join(sections), re.M | re.DOTALL)


def expand_paths(project: BakedProject, command: str) -> list[str]:
    """Return the files that a command `git checkout --theirs …` names."""
    paths = [path for pattern in command.split()[3:] for path in project.path.glob(pattern)]
    return sorted(path.relative_to(project.path).as_posix() for path in paths)
