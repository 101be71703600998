"""What a team does to a service that it has generated: the edits that an update must leave alone.

An edit applies to every tree that has the file it changes. One of a file that only later versions
have waits for it: `applying` says which edits a tree can take, and `edit` makes all of those.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.support.baking import BakedProject

DEPENDENCY = "humanize==4.17.0"
LOCKED = """\
humanize==4.17.0 \\
    --hash=sha256:02d0899527760efe18011944f882df4970943b4cdff7b5a0ba7fed43a576ef98 \\
    --hash=sha256:1d6a36c453dbfbb3f0b34601d2e0b4ce5d48d780305cd45714843f0068fde6ac
    # via -r requirements.in
"""
# The lock is sorted: what follows the dependency of the team in it.
FOLLOWING = "itsdangerous=="
SETTING = '    party_at: int = setting({module}.count, "1000", "visit that is worth a party")\n'
SAMPLE = "\n# Visit that is worth a party. Default: 1000\nPARTY_AT=\n"
FEATURE = '''\
"""The visit that is worth a party."""

import humanize
from flask import Blueprint, Flask, Response, current_app, jsonify

from ..runtime.settings import Settings

blueprint = Blueprint("party", __name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Add the route of the feature to the app."""
    app.register_blueprint(blueprint)


@blueprint.get("/party")
def show() -> Response:
    """Say which visit is worth a party."""
    number = current_app.extensions["settings"].party_at
    return jsonify(party=f"at visit {humanize.intcomma(number)}")
'''
FEATURE_TEST = '''\
"""The visit that is worth a party."""

from {package_name} import create_app


def test_the_party_is_announced(environ):
    client = create_app(environ | {{"PARTY_AT": "1000"}}).test_client()

    assert client.get("/party").json == {{"party": "at visit 1,000"}}
'''
ON_CALL = "## On call\n\nCall the number on the wall.\n\n"
COMPOSE_SERVICE = """\
  mail:
    image: axllent/mailpit:v1.31.2@sha256:74d609a42ec279aa63c6b4622a6fa9b5408d1ad5b1d76a1c4be40a265ce0863d
"""


class Edit(NamedTuple):
    """Hold one edit and the file without which there is nothing to edit."""

    needs: str
    make: Callable[[BakedProject], None]


def replace(project: BakedProject, name: str, pattern: str, replacement: str) -> None:
    """Replace what occurs in one place of a file; raises AssertionError when it does not."""
    text = project.read(name.format(**project.answers))
    text, number = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    assert number == 1, f"{pattern!r} is {number} times in {name}"
    project.write(name, text)


def rename_the_feature(project: BakedProject) -> None:
    """Turn visits into votes: the folder, its pages and tests, and what imports it; clients see no change."""
    package, tests = project.path / project.answers["package_name"], project.path / "tests"
    (package / "visits/templates/visits").rename(package / "visits/templates/votes")
    (package / "visits").rename(package / "votes")
    (tests / "test_visits.py").rename(tests / "test_votes.py")
    for pattern, paths in {
        r'(?<=")visits(?=/)': package.glob("votes/*.py"),
        rf"(?<=\b{package.name}\.)visits\b": tests.rglob("*.py"),
    }.items():
        for path in paths:
            path.write_text(re.sub(pattern, "votes", path.read_text("utf-8")), "utf-8")
    rename_in_factory(project)


def rename_in_factory(project: BakedProject) -> None:
    """Call votes instead of visits in create_app()."""
    factory = "{package_name}/__init__.py"
    text = project.read(factory.format(**project.answers))
    project.write(factory, re.sub(r"\bvisits\b", "votes", text))


def edit_the_readme(project: BakedProject) -> None:
    """Say what the service is now, and add a section."""
    replace(project, "README.md", "^The counter is an example. .*", "It counts the votes, too.")
    replace(project, "README.md", "^(?=## Change it$)", ON_CALL)


def ask_for(project: BakedProject, dependency: str) -> None:
    """Ask for a package, in its place in the alphabet."""
    replace(project, "requirements.in", "(?<=^gunicorn\n)", f"{dependency}\n")


def add_a_dependency(project: BakedProject) -> None:
    """Ask for a package, and lock it as bin/lock does."""
    ask_for(project, DEPENDENCY)
    project.write("requirements.txt", locked(project.read("requirements.txt")))


def locked(lock: str) -> str:
    """Return a lock with the dependency of the team in it."""
    assert lock.count(f"\n{FOLLOWING}") == 1, lock
    return lock.replace(FOLLOWING, LOCKED + FOLLOWING)


def add_a_setting(project: BakedProject) -> None:
    """Add a row to the table of settings, and the variable to every sample."""
    settings = "{package_name}/runtime/settings.py"
    [module] = re.findall(
        r"^from \. import (\w+)$", project.read(settings.format(**project.answers)), re.M
    )
    place = "(?<=^    # Those of the features:\n)"
    replace(project, settings, place, SETTING.format(module=module))
    for sample in project.path.glob("config/*.example"):
        replace(project, f"config/{sample.name}", r"\Z", SAMPLE)


def add_a_route(project: BakedProject) -> None:
    """Put a feature with a route beside the one that is there, and its test beside the tests."""
    (project.path / project.answers["package_name"] / "party").mkdir()
    project.write("{package_name}/party/__init__.py", FEATURE)
    project.write("tests/test_party.py", FEATURE_TEST.format(**project.answers))
    add_to_factory(project)


def add_to_factory(project: BakedProject) -> None:
    """Call the new feature in create_app(), which names the features in a loop or one by one."""
    factory = "{package_name}/__init__.py"
    replace(project, factory, r"^from \. import (visits|votes)$", r"from . import party, \1")
    calls = r"\b(visits|votes)(,?\):|\.init_app\(app, settings\))$"
    text = project.read(factory.format(**project.answers))
    loop = "for feature in" in text
    replace(
        project,
        factory,
        calls,
        r"\1, party):" if loop else r"\g<0>\n    party.init_app(app, settings)",
    )


# Edits of files that version 0.2 rewrites, to be made again in the new file
REWRITTEN = {
    "renames the feature": rename_in_factory,
    "edits the README": edit_the_readme,
    "adds a route": add_to_factory,
}


def add_a_compose_service(project: BakedProject) -> None:
    """Run one more container beside those of the service."""
    replace(project, "compose.yaml", "(?<=^services:\n)", COMPOSE_SERVICE)


EDITS = {
    "renames the feature": Edit("{package_name}/visits", rename_the_feature),
    "edits the README": Edit("README.md", edit_the_readme),
    "adds a dependency": Edit("requirements.in", add_a_dependency),
    "adds a setting": Edit("{package_name}/runtime/settings.py", add_a_setting),
    "adds a route": Edit("{package_name}/__init__.py", add_a_route),
    "adds a compose service": Edit("compose.yaml", add_a_compose_service),
}


def applying(project: BakedProject) -> list[str]:
    """Return the names of the edits that a tree can take."""
    needs = {name: edit.needs.format(**project.answers) for name, edit in EDITS.items()}
    return [name for name, path in needs.items() if (project.path / path).exists()]


def edit(project: BakedProject, names: list[str]) -> None:
    """Make some edits, in the order of the table."""
    for name in names:
        EDITS[name].make(project)


def set_up(folders: pytest.TempPathFactory, project: BakedProject) -> None:
    """Run bin/setup after the locks were changed, with the environment that fits them."""
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    # It is a link: bin/setup itself would empty what other projects use.
    (project.path / ".venv").unlink(missing_ok=True)
    project.set_up(shared)
