"""The gate of a service proves what a new service does, and refuses each violation that is planted in it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate import (
    mutations_availability,
    mutations_backing,
    mutations_behaviour,
    mutations_disposability,
    mutations_releases,
    mutations_static,
)
from tests.gate.mutations import Mutation
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally

GATE = "tests/factors"
TABLES = [
    mutations_static,
    mutations_backing,
    mutations_releases,
    mutations_behaviour,
    mutations_disposability,
    mutations_availability,
]
MUTATIONS = [mutation for table in TABLES for mutation in table.MUTATIONS]
TEST = re.compile(r"test_([IVX]+)_(\d+)_")


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project, in a repository as its team has it."""
    project = prepare().copy_to(tmp_path)
    project.run("git", "init", "--quiet")
    return project


def plant(project: BakedProject, mutation: Mutation) -> None:
    """Plant a violation: in a file that holds the old text once, or in a file of its own."""
    path = project.path / mutation.file.format(**project.answers)
    if not mutation.old:
        assert not path.exists(), path
        path.write_text(mutation.new, "utf-8")
        return
    text = path.read_text("utf-8")
    assert text.count(mutation.old) == 1, f"{mutation.old!r} is {text.count(mutation.old)} times"
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")


def outcomes(project: BakedProject, *selection: str, status: int) -> dict[str, set[str]]:
    """Run a part of the gate, and return the assertions by what became of them."""
    words = [".venv/bin/python", "-m", "pytest", "-q", *selection, "--junitxml=reports/gate.xml"]
    project.run(*words, status=status, timeout=900)
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(project.path / "reports/gate.xml").iter("testcase"):  # noqa: S314  # ours
        [(factor, number)] = TEST.findall(case.attrib["name"])
        ended = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found.setdefault(ended[0] if ended else "proved", set()).add(f"{factor}.{number}")
    return found


def files(project: BakedProject, ids: frozenset[str]) -> list[str]:
    """Return the files of the gate that have tests of some assertions."""
    names = [f"def test_{name.replace('.', '_')}_" for name in ids]
    texts = {
        name: project.read(name) for name in project.files() if name.startswith(f"{GATE}/test_")
    }
    assert [name for name in names if not any(name in text for text in texts.values())] == []
    return [name for name, text in texts.items() if any(name in text for name in names)]


def parameters() -> Iterator[pytest.ParameterSet]:
    """Return the first violation of each assertion for `bin/test gate`, and then the others."""
    violated: set[str] = set()
    for mutation in MUTATIONS:
        mark = pytest.mark.gate if mutation.ids - violated else pytest.mark.violations
        violated |= mutation.ids
        yield pytest.param(mutation, id=mutation.why, marks=mark)


@pytest.mark.gate
def test_the_gate_proves_all_that_can_be_proved_of_a_new_service(
    project: BakedProject, tally: Tally
) -> None:
    found = outcomes(project, GATE, status=0)
    assert found.keys() == {"proved"}, found
    tally("assertions that the gate proves", len(found["proved"]))


@pytest.mark.gate
def test_the_tests_of_every_factor_are_violated(project: BakedProject) -> None:
    all_files = {path.name for path in project.path.glob(f"{GATE}/test_*")}
    violated = files(project, frozenset().union(*(mutation.ids for mutation in MUTATIONS)))
    assert {Path(name).name for name in violated} == all_files


@pytest.mark.parametrize("mutation", [*parameters()])
def test_a_violation_fails_its_assertions_and_no_other_of_its_files(
    mutation: Mutation, project: BakedProject, tally: Tally
) -> None:
    plant(project, mutation)
    found = outcomes(project, *files(project, mutation.ids), status=1)
    assert found.get("failure", set()) | found.get("error", set()) == mutation.ids
    tally("violations that the gate refuses")
