"""The gate proves a service without the example: no file of it names the example, and it passes without it."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.gate.outcomes import GATE, STORM, read_outcomes
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally
from tests.updates.replace import replace_once

# What the template owns in a service, whatever its features are
OWNED = re.compile(r"tests/(factors|support)/.*|tests/[^/]*|dev/.*|\w+/runtime/.*")
FEATURE = '''\
"""Dice: throws that nobody counts."""

import random

from flask import Blueprint, Flask

from ..runtime.settings import Settings

blueprint = Blueprint("dice", __name__, url_prefix="/dice")


@blueprint.get("")
def describe() -> dict[str, int]:
    """Return the number of sides."""
    return {"sides": 6}


@blueprint.post("/throws")
def throw() -> dict[str, int]:
    """Throw the dice."""
    return {"number": random.randint(1, 6)}  # noqa: S311  # no secret


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes to the app."""
    app.register_blueprint(blueprint)
'''
FEATURE_TEST = '''\
"""Dice."""


def test_a_throw_is_a_side(client):
    sides = client.get("/dice").json["sides"]

    assert client.post("/dice/throws").json["number"] in range(1, sides + 1)
'''


def replace_the_example(project: BakedProject) -> None:
    """Replace the example, its page and its tests by a feature without Redis."""
    package = project.path / project.answers["package_name"]
    for old, new in ((package / "visits", "dice"), (project.path / "tests/visits", "dice")):
        shutil.rmtree(old)
        old.with_name(new).mkdir()
    project.write("{package_name}/dice/__init__.py", FEATURE)
    project.write("tests/dice/test_dice.py", FEATURE_TEST)
    replace_once(
        project, "{package_name}/__init__.py", r"^from \. import visits$", "from . import dice"
    )
    replace_once(project, "{package_name}/__init__.py", r"\bvisits\.init_app", "dice.init_app")


def test_no_file_of_the_gate_names_the_example(bake: Bake) -> None:
    fresh = bake(project_slug="corner-shop", package_name="corner_shop")
    owned = [name for name in fresh.files() if OWNED.fullmatch(name)]

    assert len(owned) > 50
    assert [name for name in owned if re.search("visit", fresh.read(name), re.IGNORECASE)] == []


def test_the_tests_of_a_service_pass_without_the_example(project: BakedProject) -> None:
    replace_the_example(project)
    project.run("bin/lint")
    project.run("bin/test")


@pytest.mark.gate
def test_the_gate_proves_a_service_without_the_example(project: BakedProject, tally: Tally) -> None:
    replace_the_example(project)
    found = read_outcomes(project, GATE, "-k", f"not {STORM}", status=0)
    assert found.keys() == {"proved"}, found
    tally("assertions that the gate proves without the example", len(found["proved"]))
