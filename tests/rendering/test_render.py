"""A rendered project has exactly the files of its options, and none has a defect."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rendering.files import CHOSEN, files
from tests.rendering.references import find_dangling
from tests.support.baking import MADE, BakedProject
from tests.support.defects import INDEX, JINJA, find_defects, find_syntax_errors
from tests.support.environment import ROOT, SERVICE, TOOLS
from tests.support.fixtures import Bake
from tests.support.rows import convert_to_answers, parametrize_rows, read_factors

# Linters of each kind of file, without the settings of the project, which could hide a defect
LINTERS = [
    pytest.param(r".*\.py", "ruff check --isolated --no-cache --select E4,E7,E9,F", id="Python"),
    pytest.param(
        r".*\.py", "ruff format --isolated --no-cache --line-length 100 --check", id="its format"
    ),
    pytest.param(
        r"(?:bin/[a-z]+|deploy/[a-z]+\.sh)", "shellcheck --norc --external-sources", id="shell"
    ),
]


@pytest.fixture(params=parametrize_rows())
def project(request: pytest.FixtureRequest, bake: Bake) -> BakedProject:
    """Return the project of one row."""
    return bake(**convert_to_answers(request.param))


def test_the_project_has_exactly_the_files_of_its_options(project: BakedProject) -> None:
    assert set(project.files()) == files(project.answers)


def test_only_the_scripts_are_executable(project: BakedProject) -> None:
    bits = {name: path.stat().st_mode & 0o111 for name, path in project.files().items()}
    assert bits == {name: 0o111 if name.startswith("bin/") else 0 for name in bits}


def test_no_file_has_a_defect(project: BakedProject) -> None:
    found = {name: find_defects(name, path) for name, path in project.files().items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_no_reference_is_dangling(project: BakedProject) -> None:
    assert find_dangling(project) == {}


@pytest.mark.parametrize(("kind", "linter"), LINTERS)
def test_a_linter_finds_nothing(kind: str, linter: str, project: BakedProject) -> None:
    names = [name for name in project.files() if re.fullmatch(kind, name)]
    assert names
    project.run(*linter.split(), *names, PATH=TOOLS)


def test_no_folder_is_left_empty(project: BakedProject) -> None:
    folders = [path for path in project.path.rglob("*") if path.is_dir()]
    assert [folder for folder in folders if not any(folder.iterdir())] == []
    assert [path for path in project.path.rglob("*") if path.is_symlink()] == []


def test_the_table_of_files_has_only_offered_choices() -> None:
    offered = {
        (question, choice) for question, choices in read_factors().items() for choice in choices
    }
    assert {(question, choice) for question in CHOSEN for choice in CHOSEN[question]} <= offered


# The template before rendering


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob("requirements/*"), *SERVICE.glob("requirements*")]),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_dependency_file_can_be_read_by_a_bot_as_it_is(path: Path) -> None:
    # The name of the service's folder is Jinja itself.
    text = path.read_text("utf-8").replace(f"{SERVICE.name}/", "")
    assert JINJA.findall(text) == []
    assert find_syntax_errors(f"requirements{path.suffix}", text) == []


def find_files() -> list[Path]:
    """Return the files of the repository, without those that tools created."""
    paths = [path for path in ROOT.rglob("*") if path.is_file()]
    made = {path: {".git", *filter(MADE.fullmatch, path.parts)} for path in paths}
    return [path for path in paths if not made[path] & set(path.relative_to(ROOT).parts)]


def test_no_file_names_the_address_of_a_package_index() -> None:
    texts = {path: path.read_text("utf-8", errors="replace") for path in find_files()}
    assert [path for path, text in texts.items() if INDEX.search(text)] == []
    assert ROOT / "cookiecutter.json" in texts
