"""Only the folder of the project is written to, whatever is there already and wherever an answer leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.answers.channels import API, CHANNELS, COMMAND, CONFIG, REPLAY
from tests.answers.endings import PLAIN, TEXTS, generates, refuses
from tests.answers.machine import Machine
from tests.support.fixtures import Bake, Tally

SHOP = {**PLAIN, "project_slug": "shop"}
BAD = {**SHOP, "author_email": "me"}
STOPPED = "KeyError: 'project_slug: leads out of its folder; correct it in the replay file'"
EXISTS = "OutputDirExistsException: "


def folder(path: Path) -> None:
    """Make a folder with something in it that must not get lost."""
    path.mkdir()
    for name in ("README.md", "mine.txt"):
        (path / name).write_text("Mine.\n")


def link(path: Path) -> None:
    """Make a link to a folder elsewhere."""
    folder(path.parent.parent / "elsewhere")
    path.symlink_to("../elsewhere")


# What is there already


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_project_is_not_generated_where_something_is(
    channel: str, machine: Machine, tally: Tally
) -> None:
    folder(machine.work / "shop")
    before = machine.state()
    ending = machine.bake(channel, SHOP)
    assert 'shop" directory already exists' in ending.error + ending.said
    assert (machine.state(), machine.hooks()) == (before, [])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        pytest.param(Path.mkdir, EXISTS, id="an empty folder"),
        pytest.param(Path.touch, EXISTS, id="a file"),
        pytest.param(link, EXISTS, id="a link to a folder"),
        pytest.param(lambda path: path.symlink_to("no"), "OSError: Unable", id="a link to nothing"),
    ],
)
def test_nothing_that_is_in_the_way_is_replaced(
    make: Callable[[Path], None], error: str, machine: Machine, tally: Tally
) -> None:
    make(machine.work / "shop")
    before = machine.state()
    assert machine.bake(API, SHOP).error.startswith(error)
    assert (machine.state(), machine.hooks()) == (before, [])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("make", "channel"),
    [
        *(pytest.param(folder, channel, id=f"a folder, {channel}") for channel in CHANNELS),
        pytest.param(Path.mkdir, API, id="an empty folder"),
        pytest.param(link, API, id="a link to a folder"),
    ],
)
def test_a_refusal_leaves_what_it_was_told_to_overwrite(
    make: Callable[[Path], None], channel: str, machine: Machine, tally: Tally
) -> None:
    make(machine.work / "shop")
    refuses(machine, channel, BAD, ["author_email"], overwrite=True)
    tally("hostile cases")


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_old_project_is_overwritten_and_keeps_what_is_not_in_the_new(
    channel: str, machine: Machine, bake: Bake, tally: Tally
) -> None:
    folder(machine.work / "shop")
    project = generates(machine, channel, SHOP, bake, overwrite=True)
    assert project.read("mine.txt") == "Mine.\n"
    tally("hostile cases")


def test_a_folder_whose_name_differs_in_case_is_another(
    machine: Machine, bake: Bake, tally: Tally
) -> None:
    folder(machine.work / "Shop")
    generates(machine, API, SHOP, bake)
    tally("hostile cases")


@pytest.mark.parametrize(
    ("slug", "channel"),
    [(".git", COMMAND), (".git", CONFIG)]
    + [(slug, API) for slug in ("notes.txt", "..", ".", "", ".refused", "shop/..")],
)
def test_a_slug_never_leads_to_what_is_there(
    slug: str, channel: str, machine: Machine, tally: Tally
) -> None:
    answers = {**SHOP, "project_slug": slug}
    folder(machine.work / ".refused")
    before = machine.state()
    assert '.refused" directory already exists' in "".join(machine.bake(channel, answers))
    assert machine.state() == before
    refuses(machine, channel, answers, ["project_slug"], overwrite=True)
    tally("hostile cases", 2)


# A replay file, of which cookiecutter believes every word


@pytest.mark.parametrize(
    ("slug", "error", "left"),
    [
        pytest.param("con", "", [], id="a device"),
        pytest.param("a/b", "", ["work/a"], id="a path"),
        pytest.param("a/b/c", "", ["work/a", "work/a/b"], id="a longer path"),
        pytest.param("~/x", "", ["work/~"], id="home"),
        pytest.param("/ROOT/a/b", "", ["a"], id="an absolute path"),
        pytest.param("../x", STOPPED, ["x"], id="a folder up"),
        pytest.param("../x/../y", STOPPED, ["x", "y"], id="a folder up and another"),
        pytest.param("new/..", STOPPED, ["work/new"], id="a folder and up"),
        pytest.param("new/../..", STOPPED, ["work/new"], id="a folder and up twice"),
        pytest.param("/ROOT/new/..", STOPPED, ["new"], id="an absolute path and up"),
        pytest.param("..", EXISTS, [], id="above"),
        pytest.param(".", EXISTS, [], id="where it is"),
        pytest.param("", EXISTS, [], id="nothing"),
        pytest.param(".git", EXISTS, [], id="a repository"),
        pytest.param("x" * 300, "OSError: ", [], id="too long"),
        pytest.param("a\0b", "ValueError: ", [], id="NUL"),
    ],
)
def test_a_slug_in_a_replay_file_makes_empty_folders_at_most(
    slug: str, error: str, left: list[str], machine: Machine, tally: Tally
) -> None:
    before = machine.state()
    answers = {**SHOP, "project_slug": slug.replace("/ROOT", str(machine.root))}
    ending = machine.bake(REPLAY, answers)
    assert ending.error.startswith(error)
    assert error or list(ending.refused()) == ["project_slug"]
    after = machine.state()
    assert {name: state for name, state in after.items() if name not in left} == before
    assert [name for name in left if not (machine.root / name).is_dir()] == []
    tally("hostile cases")


@pytest.mark.parametrize(
    ("slug", "stopped"),
    [(".", False), (".git", False), ("", False), ("..", True), ("shop/..", True)],
)
def test_a_slug_in_a_replay_file_overwrites_nothing(
    slug: str, stopped: bool, machine: Machine, tally: Tally
) -> None:
    folder(machine.work / "shop")
    before = machine.state()
    ending = machine.bake(REPLAY, {**SHOP, "project_slug": slug}, overwrite=True)
    assert ending.error.startswith(STOPPED) is stopped
    assert stopped or list(ending.refused()) == ["project_slug"]
    assert machine.state() == before
    tally("hostile cases")


# What is no text, and no choice


@pytest.mark.parametrize("value", [None, True, 3.14, 8, ["x", "y"], {"../a": "b"}], ids=repr)
@pytest.mark.parametrize("channel", [CONFIG, REPLAY, API])
def test_what_is_no_text_is_refused(
    value: object, channel: str, machine: Machine, tally: Tally
) -> None:
    answers = {**SHOP, **dict.fromkeys(TEXTS, value)}
    if channel == REPLAY and isinstance(value, dict):
        answers["project_slug"] = "shop"  # cookiecutter makes a path of it
    before = machine.state()
    ending = machine.bake(channel, answers)
    assert list(ending.refused()) == [name for name in TEXTS if answers[name] != "shop"]
    assert machine.state() == before
    tally("hostile cases")


@pytest.mark.parametrize("slug", [{"../a": "b"}, {"a": ["../b", 1]}], ids=repr)
@pytest.mark.parametrize("channel", [CONFIG, API])
def test_a_slug_that_is_a_dictionary_names_no_path(
    slug: object, channel: str, machine: Machine, tally: Tally
) -> None:
    # cookiecutter renders dictionaries last: no other answer is rendered after this one.
    refuses(machine, channel, {**SHOP, "project_slug": slug}, ["project_slug"])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("channel", "answers", "said"),
    [
        pytest.param(COMMAND, {"license": "GPL-3.0"}, "GPL-3.0 provided for choice", id="command"),
        pytest.param(API, {"license": "GPL-3.0"}, "GPL-3.0 provided for choice", id="api"),
        pytest.param(API, {"license": "{{ 7*7 }}"}, "{{ 7*7 }} provided for choice", id="jinja"),
        pytest.param(API, {"python_version": 3.14}, "3.14 provided for choice", id="a number"),
        pytest.param(API, {"description": []}, "list of choices is empty", id="an empty list"),
        pytest.param(CONFIG, {"description": date(2026, 1, 1)}, "not JSON serial", id="a date"),
    ],
)
def test_cookiecutter_itself_refuses_some_answers_before_it_makes_a_folder(
    channel: str, answers: dict[str, Any], said: str, machine: Machine, tally: Tally
) -> None:
    before = machine.state()
    ending = machine.bake(channel, answers)
    assert ending.error
    assert said in ending.error + ending.said
    assert (machine.state(), machine.hooks()) == (before, [])
    tally("hostile cases")


def test_cookiecutter_only_warns_of_a_choice_in_a_configuration_file_that_is_not_offered(
    machine: Machine, tally: Tally
) -> None:
    with pytest.warns(UserWarning, match="GPL provided for choice variable license"):
        ending = machine.bake(CONFIG, {"author_name": "Ann", "license": "GPL", "project_slug": "x"})
    assert ending.error == ""
    # It takes its default for that answer and for those that come later in the file.
    kept = machine.remembered()
    assert {name: kept[name] for name in PLAIN} == {**PLAIN, "author_name": "Ann"}
    tally("hostile cases")
