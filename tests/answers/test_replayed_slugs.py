"""A slug in a replay file creates empty folders at most: cookiecutter trusts every word of it."""

from __future__ import annotations

import pytest

from tests.answers.assertions import DEFAULTS
from tests.answers.bakes import run_cookiecutter
from tests.answers.sandbox import Sandbox, make_folder
from tests.answers.sources import REPLAY
from tests.support.fixtures import Tally

STOPPED = "KeyError: 'project_slug: leads out of its folder; correct it in the replay file'"
FOLDER_EXISTS = "OutputDirExistsException: "


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
        pytest.param("..", FOLDER_EXISTS, [], id="the parent folder"),
        pytest.param(".", FOLDER_EXISTS, [], id="the working folder"),
        pytest.param("", FOLDER_EXISTS, [], id="empty"),
        pytest.param(".git", FOLDER_EXISTS, [], id="a repository"),
        pytest.param("x" * 300, "OSError: ", [], id="too long"),
        pytest.param("a\0b", "ValueError: ", [], id="NUL"),
    ],
)
def test_a_replayed_slug_makes_empty_folders_at_most(
    slug: str, error: str, left: list[str], sandbox: Sandbox, tally: Tally
) -> None:
    before = sandbox.snapshot()
    answers = {**DEFAULTS, "project_slug": slug.replace("/ROOT", str(sandbox.root))}
    result = run_cookiecutter(sandbox, REPLAY, answers)
    assert result.error.startswith(error)
    assert error or list(result.read_refusals()) == ["project_slug"]
    after = sandbox.snapshot()
    assert {name: entry for name, entry in after.items() if name not in left} == before
    assert [name for name in left if not (sandbox.root / name).is_dir()] == []
    tally("hostile cases")


@pytest.mark.parametrize(
    ("slug", "stopped"),
    [(".", False), (".git", False), ("", False), ("..", True), ("shop/..", True)],
)
def test_a_replayed_slug_overwrites_nothing(
    slug: str, stopped: bool, sandbox: Sandbox, tally: Tally
) -> None:
    make_folder(sandbox.work / "shop")
    before = sandbox.snapshot()
    answers = {**DEFAULTS, "project_slug": slug}
    result = run_cookiecutter(sandbox, REPLAY, answers, overwrite=True)
    assert result.error.startswith(STOPPED) is stopped
    assert stopped or list(result.read_refusals()) == ["project_slug"]
    assert sandbox.snapshot() == before
    tally("hostile cases")
