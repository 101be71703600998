"""An update to a later version of the template preserves the edits of the team."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, SERVICE
from tests.support.fixtures import Tally
from tests.updates.commands import commit, cruft, read_cruft
from tests.updates.edit_texts import DEPENDENCY, FOLLOWING
from tests.updates.edits import (
    REWRITTEN,
    add_to_lock,
    apply_edits,
    list_applicable,
    set_up_environment,
)
from tests.updates.merges import (
    commit_edits,
    expand_paths,
    find_conflicts,
    list_required_edits,
    read_commands,
    read_content,
)
from tests.updates.versions import Template, find_versions, has_history

VERSIONS = find_versions()
SHOP = ["--extra-context", json.dumps({"project_name": "Corner Shop", "license": "Apache-2.0"})]
README = f"{SERVICE.name}/README.md"
Equip = Callable[[BakedProject], None]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Return a clone of the template with its history and the present files."""
    return Template.clone(tmp_path_factory.mktemp("template") / "template")


@pytest.fixture
def equip(tmp_path_factory: pytest.TempPathFactory) -> Equip:
    """Return a function that runs bin/setup in a project."""
    return partial(set_up_environment, tmp_path_factory)


def test_the_history_of_the_template_has_earlier_versions() -> None:
    assert has_history(), "template: not a full clone; run git fetch --unshallow"
    assert VERSIONS, "CHANGELOG.md: no heading of a version, such as ## 0.1.0"


@pytest.mark.parametrize("version", VERSIONS)
def test_an_update_to_the_present_preserves_the_edits_of_the_team(
    version: str, template: Template, equip: Equip, tmp_path: Path, tally: Tally
) -> None:
    project = template.create(tmp_path / "old", *SHOP, "--checkout", VERSIONS[version])
    fresh = template.create(tmp_path / "fresh", *SHOP)
    old, now, edits = read_content(project), read_content(fresh), list_applicable(project)
    assert edits == list_required_edits(template, VERSIONS[version])
    # Files that the team created or renamed are its own: no update changes them.
    own = {name: file for name, file in commit_edits(project, edits).items() if name not in old}
    theirs = {name: file for name, file in commit_edits(fresh, edits).items() if name in now}

    cruft(project, "check", status=1)
    cruft(project, "update", "--skip-apply-ask")
    take, *migrate = read_commands(version) or ["git checkout --theirs"]
    conflicts, named = set(find_conflicts(project)), set(expand_paths(project, take))
    # The pattern of the package matches this file, too; git takes it from the index, unchanged.
    assert named == conflicts | ({"deploy/__init__.py"} if conflicts else set())
    if find_conflicts(project):
        project.run("sh", "-c", take)
        for rewrite in REWRITTEN.values():
            rewrite(project)
    merged = read_content(project)
    for script in migrate:
        project.run("sh", "-c", script)
    moved = {name: file for name, file in read_content(project).items() if name in own}
    assert read_content(project) == theirs | moved
    assert {name for name in own if merged[name] != own[name]} == set()

    cruft(project, "check")
    shown = re.findall(r"^diff --git \S+?-old/(\S+)", cruft(project, "diff"), re.MULTILINE)
    assert shown == sorted(name for name in theirs if theirs[name] != now[name])
    equip(project)
    for command in (["bin/lock", "--check"], ["bin/lint", "--fix"], ["bin/lint"], ["bin/test"]):
        project.run(*command)
    tally("versions updated from")


def test_a_new_service_has_nothing_to_update(template: Template, tmp_path: Path) -> None:
    project = template.create(tmp_path / "new", *SHOP)
    before = read_content(project)
    cruft(project, "check")
    assert cruft(project, "diff", "--exit-code") == ""
    assert "already up to date" in cruft(project, "update")
    assert read_content(project) == before


def test_an_update_with_uncommitted_changes_is_refused(template: Template, tmp_path: Path) -> None:
    template.change("another", (README, "\n## Run it\n", "\n## Start it\n"))
    project = template.create(tmp_path / "new", *SHOP)
    project.write("README.md", "Ours.\n")
    before = read_content(project)
    output = cruft(project, "update", "--skip-apply-ask", "--checkout", "another", status=1)
    assert "unclean" in output
    assert read_content(project) == before


def test_a_new_question_gets_its_default(template: Template, tmp_path: Path) -> None:
    template.change(
        "question",
        ("cookiecutter.json", '  "license": [', '  "motto": "Come in.",\n  "license": ['),
        (README, "\n## Run it\n", "\n{{ cookiecutter.motto }}\n\n## Run it\n"),
    )
    project = template.create(tmp_path / "new", *SHOP)
    edits = list_applicable(project)
    assert edits == list_required_edits(template, "main")
    before = commit_edits(project, edits)
    update = ["update", "--skip-apply-ask", "--checkout", "question"]
    assert "Created" not in cruft(project, *update)
    assert "\nCome in.\n" in project.read("README.md")
    assert read_cruft(project)["context"]["cookiecutter"]["motto"] == "Come in."
    after = read_content(project)
    assert {name for name in after if after[name] != before[name]} == {".cruft.json", "README.md"}
    commit(project, "Update")
    cruft(project, *update, "--variables-to-update", '{"motto": "We are open."}')
    assert "\nWe are open.\n" in project.read("README.md")


def test_a_conflict_of_a_lock_is_resolved_by_locking_again(
    template: Template, equip: Equip, tmp_path: Path
) -> None:
    name = f"{SERVICE.name}/requirements.txt"
    now = (template.path / name).read_text("utf-8")
    template.change("before", (name, f"\n{FOLLOWING}", f"\n{FOLLOWING}0.0+"))
    project = template.create(tmp_path / "old", "--checkout", "before")
    apply_edits(project, ["adds a dependency"])
    commit(project, "Edit")
    cruft(project, "update", "--skip-apply-ask")
    assert find_conflicts(project) == ["requirements.txt"]

    recipe = (ROOT / "docs/updating.md").read_text("utf-8")
    [commands] = re.findall(
        r"^```sh\n(git checkout --theirs requirements.*?)^```", recipe, re.M | re.DOTALL
    )
    take, *others = commands.splitlines()
    project.run("sh", "-c", take)
    equip(project)
    project.run("sh", "-euc", "\n".join(others))
    assert project.read("requirements.txt") == add_to_lock(now)
    assert DEPENDENCY in project.read("requirements.in")
