"""Each section of docs/changing.md is followed in a new service, which then passes all its checks."""

from __future__ import annotations

import shutil

import pytest

from tests.month.checks import check
from tests.rendering.references import find_dangling
from tests.support.baking import BakedProject
from tests.support.blocks import SESSION, follow, read_blocks
from tests.support.fixtures import Tally
from tests.updates.replace import replace_once

GUIDE = "docs/changing.md"
pytestmark = pytest.mark.month
# Feature that imports the new dependency
HUMAN = '''\
"""Numbers in words."""

import humanize
from flask import Blueprint, Flask

from ..runtime.settings import Settings

blueprint = Blueprint("human", __name__, url_prefix="/human")


@blueprint.get("/<int:number>")
def describe(number: int) -> dict[str, str]:
    """Return a number in words."""
    return {"number": humanize.intword(number)}


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes to the app."""
    app.register_blueprint(blueprint)
'''


def change(project: BakedProject, heading: str) -> None:
    """Follow a section of the guide."""
    for block in read_blocks(project, GUIDE, heading):
        follow(project, block)


@pytest.mark.parametrize(
    "heading",
    [
        "Add a feature",
        "Rename the package",
        "Add a required setting",
        "Add a process type",
        "Remove the pages",
    ],
)
def test_a_section_leads_to_a_service_that_the_gate_proves(
    project: BakedProject, tally: Tally, heading: str
) -> None:
    change(project, heading)
    tally(f"assertions that the gate proves after “{heading}”", check(project))


def test_a_second_backing_service_is_attached(project: BakedProject, tally: Tally) -> None:
    (project.path / ".venv").unlink()  # others share it
    for block in read_blocks(project, "docs/backing-services.md"):
        if block.kind != SESSION:  # needs the image
            follow(project, block)
    tally("assertions that the gate proves with PostgreSQL", check(project))


def test_a_dependency_is_locked_installed_and_imported(project: BakedProject, tally: Tally) -> None:
    (project.path / ".venv").unlink()  # others share it
    change(project, "Add a dependency")
    (project.path / project.answers["package_name"] / "human").mkdir()
    project.write("{package_name}/human/__init__.py", HUMAN)
    factory = "{package_name}/__init__.py"
    replace_once(project, factory, "^from . import visits$", "from . import human, visits")
    replace_once(
        project, factory, r"^    visits\.init_app.*$", r"\g<0>\n    human.init_app(app, settings)"
    )
    tally("assertions that the gate proves after “Add a dependency”", check(project))


def test_no_document_of_a_service_without_the_gate_names_it(project: BakedProject) -> None:
    [remove] = read_blocks(project, GUIDE, "Remove the gate")
    follow(project, remove)
    *_, search = remove.text.splitlines()
    found = [
        line.split(":", 2)[:2] for line in project.run("sh", "-euc", search).stdout.splitlines()
    ]
    for name, number in reversed(found):
        lines = project.read(name).split("\n")
        del lines[int(number) - 1]
        project.write(name, "\n".join(lines))
    shutil.rmtree(project.path / ".git")  # no part of the service

    assert [name for name in find_dangling(project) if name.endswith(".md")] == []
    project.run("bin/lint")
    project.run("bin/test")
