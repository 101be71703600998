"""Edits of the features: the example is renamed, and a second feature added."""

from __future__ import annotations

import re

from tests.support.baking import BakedProject
from tests.updates.edit_texts import FEATURE, FEATURE_TEST
from tests.updates.replace import replace_once


def rename_the_feature(project: BakedProject) -> None:
    """Rename the feature to votes: folder, pages, tests and imports, but no route."""
    package, tests = project.path / project.answers["package_name"], project.path / "tests"
    (package / "visits/templates/visits").rename(package / "visits/templates/votes")
    (package / "visits").rename(package / "votes")
    # Version 0.1 has no folder for the tests of the example.
    own = "visits" if (tests / "visits").exists() else "test_visits.py"
    (tests / own).rename(tests / own.replace("visits", "votes"))
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


def add_a_route(project: BakedProject) -> None:
    """Add a second feature with a route and a test."""
    (project.path / project.answers["package_name"] / "party").mkdir()
    project.write("{package_name}/party/__init__.py", FEATURE)
    project.write("tests/test_party.py", FEATURE_TEST.format(**project.answers))
    add_to_factory(project)


def add_to_factory(project: BakedProject) -> None:
    """Add the new feature to create_app(), which has a loop or one call for each feature."""
    factory = "{package_name}/__init__.py"
    replace_once(project, factory, r"^from \. import (visits|votes)$", r"from . import party, \1")
    calls = r"\b(visits|votes)(,?\):|\.init_app\(app, settings\))$"
    text = project.read(factory.format(**project.answers))
    loop = "for feature in" in text
    replace_once(
        project,
        factory,
        calls,
        r"\1, party):" if loop else r"\g<0>\n    party.init_app(app, settings)",
    )
