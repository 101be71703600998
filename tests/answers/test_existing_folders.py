"""A bake writes to the folder of its project only, and replaces nothing without permission."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.answers.assertions import DEFAULTS, assert_generated, assert_refused
from tests.answers.bakes import run_cookiecutter
from tests.answers.sandbox import Sandbox, make_folder
from tests.answers.sources import API, COMMAND, CONFIG, SOURCES
from tests.support.fixtures import Bake, Tally

SHOP = {**DEFAULTS, "project_slug": "shop"}
BAD_SHOP = {**SHOP, "author_email": "me"}
FOLDER_EXISTS = "OutputDirExistsException: "


def make_link(path: Path) -> None:
    """Create a link to a folder elsewhere."""
    make_folder(path.parent.parent / "elsewhere")
    path.symlink_to("../elsewhere")


@pytest.mark.parametrize("source", SOURCES)
def test_an_existing_folder_is_refused(source: str, sandbox: Sandbox, tally: Tally) -> None:
    make_folder(sandbox.work / "shop")
    before = sandbox.snapshot()
    assert 'shop" directory already exists' in "".join(run_cookiecutter(sandbox, source, SHOP))
    assert (sandbox.snapshot(), sandbox.find_hooks()) == (before, [])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        pytest.param(Path.mkdir, FOLDER_EXISTS, id="an empty folder"),
        pytest.param(Path.touch, FOLDER_EXISTS, id="a file"),
        pytest.param(make_link, FOLDER_EXISTS, id="a link to a folder"),
        pytest.param(lambda path: path.symlink_to("no"), "OSError: Unable", id="a dangling link"),
    ],
)
def test_an_existing_path_is_not_replaced(
    make: Callable[[Path], None], error: str, sandbox: Sandbox, tally: Tally
) -> None:
    make(sandbox.work / "shop")
    before = sandbox.snapshot()
    assert run_cookiecutter(sandbox, API, SHOP).error.startswith(error)
    assert (sandbox.snapshot(), sandbox.find_hooks()) == (before, [])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("make", "source"),
    [
        *(pytest.param(make_folder, source, id=f"a folder, {source}") for source in SOURCES),
        pytest.param(Path.mkdir, API, id="an empty folder"),
        pytest.param(make_link, API, id="a link to a folder"),
    ],
)
def test_a_refusal_overwrites_no_file(
    make: Callable[[Path], None], source: str, sandbox: Sandbox, tally: Tally
) -> None:
    make(sandbox.work / "shop")
    assert_refused(sandbox, source, BAD_SHOP, ["author_email"], overwrite=True)
    tally("hostile cases")


@pytest.mark.parametrize("source", SOURCES)
def test_an_overwritten_project_keeps_files_that_the_template_lacks(
    source: str, sandbox: Sandbox, bake: Bake, tally: Tally
) -> None:
    make_folder(sandbox.work / "shop")
    project = assert_generated(sandbox, source, SHOP, bake, overwrite=True)
    assert project.read("mine.txt") == "Mine.\n"
    tally("hostile cases")


def test_a_folder_whose_name_differs_in_case_is_another(
    sandbox: Sandbox, bake: Bake, tally: Tally
) -> None:
    make_folder(sandbox.work / "Shop")
    assert_generated(sandbox, API, SHOP, bake)
    tally("hostile cases")


@pytest.mark.parametrize(
    ("slug", "source"),
    [(".git", COMMAND), (".git", CONFIG)]
    + [(slug, API) for slug in ("notes.txt", "..", ".", "", ".refused", "shop/..")],
)
def test_a_slug_never_selects_an_existing_path(
    slug: str, source: str, sandbox: Sandbox, tally: Tally
) -> None:
    answers = {**SHOP, "project_slug": slug}
    make_folder(sandbox.work / ".refused")
    before = sandbox.snapshot()
    result = run_cookiecutter(sandbox, source, answers)
    assert '.refused" directory already exists' in "".join(result)
    assert sandbox.snapshot() == before
    assert_refused(sandbox, source, answers, ["project_slug"], overwrite=True)
    tally("hostile cases", 2)
