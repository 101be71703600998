"""Edits of a team to its service, which an update must preserve.

An edit is applicable to a version of the service that has the file of the edit.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.support.baking import BakedProject
from tests.updates.edit_texts import (
    COMPOSE_SERVICE,
    DEPENDENCY,
    FOLLOWING,
    LOCKED,
    ON_CALL,
    SAMPLE,
    SETTING,
)
from tests.updates.feature_edits import (
    add_a_route,
    add_to_factory,
    rename_in_factory,
    rename_the_feature,
)
from tests.updates.replace import replace_once


class Edit(NamedTuple):
    """Edit, and the file that it needs."""

    needs: str
    make: Callable[[BakedProject], None]


def edit_the_readme(project: BakedProject) -> None:
    """Change a paragraph, and add a section."""
    replace_once(
        project,
        "README.md",
        "^The counter is an example. (.*\n)+?(?=\n)",
        "It counts the votes, too.\n",
    )
    replace_once(project, "README.md", "^(?=## Change it$)", ON_CALL)


def require(project: BakedProject, dependency: str) -> None:
    """Add a package to requirements.in in alphabetical order."""
    replace_once(project, "requirements.in", "(?<=^gunicorn\n)", f"{dependency}\n")


def add_a_dependency(project: BakedProject) -> None:
    """Add a package to requirements.in and, as bin/lock does, to the lock."""
    require(project, DEPENDENCY)
    project.write("requirements.txt", add_to_lock(project.read("requirements.txt")))


def add_to_lock(lock: str) -> str:
    """Return a lock with the dependency of the team."""
    assert lock.count(f"\n{FOLLOWING}") == 1, lock
    return lock.replace(FOLLOWING, LOCKED + FOLLOWING)


def add_a_setting(project: BakedProject) -> None:
    """Add a setting to the table of settings and to each sample."""
    settings = "{package_name}/runtime/settings.py"
    text = project.read(settings.format(**project.answers))
    [module] = re.findall(r"^from \. import (\w+)(?:, \w+)*$", text, re.MULTILINE)
    place = "(?<=^    # Those of the features:\n)"
    replace_once(project, settings, place, SETTING.format(module=module))
    for sample in project.path.glob("config/*.example"):
        replace_once(project, f"config/{sample.name}", r"\Z", SAMPLE)


# Edits of files that version 0.2 rewrote: the team repeats them in the new file.
REWRITTEN = {
    "renames the feature": rename_in_factory,
    "edits the README": edit_the_readme,
    "adds a route": add_to_factory,
}


def add_a_compose_service(project: BakedProject) -> None:
    """Add a container to compose.yaml."""
    replace_once(project, "compose.yaml", "(?<=^services:\n)", COMPOSE_SERVICE)


EDITS = {
    "renames the feature": Edit("{package_name}/visits", rename_the_feature),
    "edits the README": Edit("README.md", edit_the_readme),
    "adds a dependency": Edit("requirements.in", add_a_dependency),
    "adds a setting": Edit("{package_name}/runtime/settings.py", add_a_setting),
    "adds a route": Edit("{package_name}/__init__.py", add_a_route),
    "adds a compose service": Edit("compose.yaml", add_a_compose_service),
}


def list_applicable(project: BakedProject) -> list[str]:
    """Return the names of the edits whose files the project has."""
    needs = {name: edit.needs.format(**project.answers) for name, edit in EDITS.items()}
    return [name for name, path in needs.items() if (project.path / path).exists()]


def apply_edits(project: BakedProject, names: list[str]) -> None:
    """Apply edits in the order of their names."""
    for name in names:
        EDITS[name].make(project)


def set_up_environment(folders: pytest.TempPathFactory, project: BakedProject) -> None:
    """Run bin/setup with the shared environment of the present locks."""
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    # bin/setup would follow the link, and empty the environment of other projects.
    (project.path / ".venv").unlink(missing_ok=True)
    project.set_up(shared)
