"""The gate of a service proves what a new service does, and refuses each violation that is planted in it."""

from __future__ import annotations

import re
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
from tests.gate.outcomes import GATE, list_promised, read_outcomes
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally

TABLES = [
    mutations_static,
    mutations_backing,
    mutations_releases,
    mutations_behaviour,
    mutations_disposability,
    mutations_availability,
]
MUTATIONS = [mutation for table in TABLES for mutation in table.MUTATIONS]
PROVES = re.compile(r"^@proves\((.+)\)$", re.MULTILINE)


def violate(project: BakedProject, mutation: Mutation) -> str:
    """Return the text of a file with a violation: a new file, or one with the old text once."""
    path = project.path / mutation.file.format(**project.answers)
    if not mutation.old:
        assert not path.exists(), path
        return mutation.new
    text = path.read_text("utf-8")
    assert text.count(mutation.old) == 1, f"{mutation.old!r} is {text.count(mutation.old)} times"
    return text.replace(mutation.old, mutation.new)


def plant(project: BakedProject, mutation: Mutation) -> None:
    """Plant a violation in a project."""
    text = violate(project, mutation)
    (project.path / mutation.file.format(**project.answers)).write_text(text, "utf-8")


def files(project: BakedProject, ids: frozenset[str]) -> list[str]:
    """Return the files of the gate that have tests of some assertions."""
    texts = {
        name: project.read(name) for name in project.files() if name.startswith(f"{GATE}/test_")
    }
    proved = {
        name: {one.strip('"') for listed in PROVES.findall(text) for one in listed.split(", ")}
        for name, text in texts.items()
    }
    assert ids <= set().union(*proved.values()), ids
    return [name for name in proved if proved[name] & ids]


def parameters() -> Iterator[pytest.ParameterSet]:
    """Return the first violation of each assertion for `bin/test gate`, and then the others."""
    violated: set[str] = set()
    for mutation in MUTATIONS:
        mark = pytest.mark.gate if mutation.ids - violated else pytest.mark.violations
        violated |= mutation.ids
        yield pytest.param(mutation, id=mutation.why, marks=mark)


@pytest.mark.parametrize(
    "mutation", [pytest.param(mutation, id=mutation.why) for mutation in MUTATIONS]
)
def test_a_violation_changes_one_place_and_fails_assertions_of_the_gate(
    mutation: Mutation, bake: Bake
) -> None:
    assert violate(bake(), mutation)
    assert files(bake(), mutation.ids)


@pytest.mark.parametrize(
    ("marker", "problem"),
    [
        pytest.param("", "no assertion; add its id, ", id="no id"),
        pytest.param('@proves("IX.5", "IX.55")\n', "unknown id IX.55; see ", id="unknown id"),
    ],
)
def test_the_gate_refuses_a_test_without_a_known_id(
    marker: str, problem: str, project: BakedProject
) -> None:
    own = "from tests.factors.support.assertions import proves\n\n\n"
    project.write(f"{GATE}/test_odd.py", f"{own}{marker}def test_odd():\n    assert proves\n")
    [line] = project.run("bin/test", "factors", "I.1", status=4).stderr.split("\n\n")[:-1]
    assert line.startswith(f"ERROR: {GATE}/test_odd.py::test_odd: {problem}")


@pytest.mark.gate
def test_the_gate_proves_all_that_can_be_proved_of_a_new_service(
    project: BakedProject, tally: Tally
) -> None:
    found = read_outcomes(project, GATE, status=0)
    assert found == {"proved": list_promised(project)}
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
    found = read_outcomes(project, *files(project, mutation.ids), status=1)
    assert found.get("failure", set()) | found.get("error", set()) == mutation.ids
    tally("violations that the gate refuses")
