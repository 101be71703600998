"""Every two options work together: all checks and tests of a row of the matrix, and what computes the rows."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Set
from pathlib import Path

import pre_gen_project as hook
import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.fixtures import Bake, Tally
from tests.support.rows import (
    EVERY,
    FEW,
    REFUSED,
    SOME,
    Row,
    answers,
    cover,
    covered,
    factors,
    pairs,
    parameters,
)

# What a project is judged by, beside the code below.
CHECKS = ["bin/lint", "bin/lock --check", "bin/test"]
# The 100,000 requests of this one are run once, beside the violations.
STORM = "test_IX_5_instances_are_replaced_under_load_and_no_request_fails"
GATE = ["bin/test", "factors", "-k", f"not {STORM}"]
# What a license changes, and is not executed.
PROSE = {"LICENSE", "README.md"}
JUDGES = [
    Path(__file__),
    ROOT / "tests/conftest.py",
    ROOT / "tests/support/baking.py",
    ROOT / "tests/support/environment.py",
]


# The rows


@pytest.mark.matrix
def test_every_two_choices_that_the_template_accepts_are_in_a_row(tally: Tally) -> None:
    feasible = pairs(factors(), REFUSED)
    tally("feasible pairs", len(feasible))
    tally("feasible pairs covered", len(feasible & covered(EVERY)))
    assert covered(EVERY) == feasible


def test_every_choice_is_in_a_row_of_every_run() -> None:
    choices = {(factor, choice) for factor, choices in factors().items() for choice in choices}
    assert {choice for row in SOME for choice in row.items()} == choices
    assert FEW[0].items() & FEW[1].items() == set()


def test_the_template_refuses_exactly_the_pairs_that_no_row_has() -> None:
    chosen = {pair: {"names": "usual", **dict(pair)} for pair in pairs(factors())}
    refused = {
        pair for pair, row in chosen.items() if hook.problems({**hook.DEFAULTS, **answers(row)})
    }
    assert refused == REFUSED


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        pytest.param({"option": list("abcdefghi")}, set(), id="an option"),
        pytest.param(
            {"one": ["yes", "no"], "two": ["yes", "no"]},
            {
                frozenset({("one", "yes"), ("two", "no")}),
                frozenset({("two", "yes"), ("names", "last")}),
            },
            id="options that refuse each other",
        ),
    ],
)
def test_a_new_option_adds_its_pairs_to_the_rows(
    more: dict[str, list[str]], refused: set[frozenset[tuple[str, str]]]
) -> None:
    wider = {**factors(), **more}
    rows = cover(wider, 2, refused)
    assert covered(rows) == pairs(wider, refused)
    assert len(rows) >= max(
        len(EVERY), *(len(wider["names"]) * len(more[new]) // 2 for new in more)
    )


def test_a_row_that_is_missing_is_noticed() -> None:
    two = {"names": ["short", "long"], "license": ["MIT", "none"]}
    rows = cover(two, 2)
    assert [len(pairs(two) - covered(rows[:left])) for left in range(5)] == [4, 3, 2, 1, 0]


# The proof of a row


def fingerprint(project: BakedProject, without: Set[str] = frozenset()) -> str:
    """Return what a proof holds for: the bytes of the project, what judges them and what they run on."""
    python = "python$(cat .python-version) -VV 2>/dev/null || (cd / && python3 -VV)"
    machine = [platform.platform(), sys.version, shutil.which("redis-server")]
    files = [
        (name, state.mode, state.content)
        for name, state in project.state().items()
        if name not in without
    ]
    judges = [path.read_bytes() for path in [*JUDGES, *sorted(ROOT.glob("requirements/*.txt"))]]
    ran = project.run("sh", "-c", python).stdout
    return hashlib.sha256(repr([files, judges, machine, ran, CHECKS, GATE]).encode()).hexdigest()


@pytest.mark.parametrize("row", parameters(FEW))
def test_a_row_passes_its_own_checks_and_tests(
    row: Row,
    bake: Bake,
    prepare: Bake,
    tmp_path: Path,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    name, cache = f"matrix/{'-'.join(row.values())}", request.config.cache
    assert cache
    proof = fingerprint(bake(**answers(row)))
    proved = cache.get(name, {})
    if proved.get("proof") == proof:
        tally("rows that were proved before")
    else:
        project = prepare(**answers(row)).copy_to(tmp_path)
        before = project.state()
        for command in CHECKS:
            said = project.run(*command.split()).stdout
        assert re.search(r"\b\d+ passed\b", said), said
        assert project.state() == before
        version = project.run(".venv/bin/python", "--version").stdout.strip()
        proved = {"proof": proof, "python": version}
        cache.set(name, proved)
    tally("rows")
    tally(f"rows on {proved['python']}")


def gated(rows: Iterable[Row], mark: pytest.MarkDecorator) -> list[pytest.ParameterSet]:
    """Return the rows for the gate; those that differ in their license alone wait for each other's proof."""
    return [
        pytest.param(
            row,
            id=f"{mark.name}-{'-'.join(row.values())}",
            marks=[mark, pytest.mark.xdist_group("-".join({**row, "license": ""}.values()))],
        )
        for row in rows
    ]


@pytest.mark.parametrize("row", gated(FEW, pytest.mark.gate) + gated(EVERY, pytest.mark.rows))
def test_the_gate_of_a_row_proves_the_twelve_factors(
    row: Row,
    bake: Bake,
    prepare: Bake,
    tmp_path: Path,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    cache = request.config.cache
    assert cache
    proof = f"matrix/gate/{fingerprint(bake(**answers(row)), PROSE)}"
    if not cache.get(proof, None):
        project = prepare(**answers(row)).copy_to(tmp_path)
        project.run("git", "init", "--quiet")
        said = project.run(*GATE, timeout=600).stdout
        cache.set(proof, re.findall(r"\b\d+ passed\b.*", said)[0])
        tally("runs of the gate")
    tally("rows whose gate passes")
