"""Each pair of options works: the checks, the tests and the gate of each row of the matrix."""

from __future__ import annotations

import hashlib
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Set
from pathlib import Path

import pytest

from tests.gate.outcomes import STORM
from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.fixtures import Bake, Tally
from tests.support.rows import (
    EACH_PAIR,
    OPPOSITES,
    Row,
    convert_to_answers,
    parametrize_rows,
)

# Commands that a project must pass, in addition to the gate
CHECKS = ["bin/lint", "bin/lock --check", "bin/test"]
GATE = ["bin/test", "factors", "-k", f"not {STORM}"]
# Files that a license changes, and that are not executed
PROSE = {"LICENSE", "README.md"}
# Files of the template that decide whether a row passes
DECISIVE_FILES = [
    Path(__file__),
    ROOT / "tests/conftest.py",
    ROOT / "tests/support/baking.py",
    ROOT / "tests/support/environment.py",
]


def compute_fingerprint(project: BakedProject, without: Set[str] = frozenset()) -> str:
    """Return a hash of a project without some files, of its checks and of this machine."""
    python = "python$(cat .python-version) -VV 2>/dev/null || (cd / && python3 -VV)"
    machine = [platform.platform(), sys.version, shutil.which("redis-server")]
    files = [
        (name, state.mode, state.content)
        for name, state in project.state().items()
        if name not in without
    ]
    decisive = [
        path.read_bytes() for path in [*DECISIVE_FILES, *sorted(ROOT.glob("requirements/*.txt"))]
    ]
    ran = project.run("sh", "-c", python).stdout
    return hashlib.sha256(repr([files, decisive, machine, ran, CHECKS, GATE]).encode()).hexdigest()


@pytest.mark.parametrize("row", parametrize_rows(OPPOSITES))
def test_a_row_passes_its_own_checks_and_tests(
    row: Row,
    bake: Bake,
    prepare: Bake,
    tmp_path: Path,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    name, cache = f"matrix/{'-'.join(row.values())}", request.config.cache
    assert cache is not None
    proof = compute_fingerprint(bake(**convert_to_answers(row)))
    proved = cache.get(name, {})
    if proved.get("proof") == proof:
        tally("rows that were proved before")
    else:
        project = prepare(**convert_to_answers(row)).copy_to(tmp_path)
        before = project.state()
        for command in CHECKS:
            output = project.run(*command.split()).stdout
        assert re.search(r"\b\d+ passed\b", output), output
        assert project.state() == before
        version = project.run(".venv/bin/python", "--version").stdout.strip()
        proved = {"proof": proof, "python": version}
        cache.set(name, proved)
    tally("rows")
    tally(f"rows on {proved['python']}")


def mark_rows(rows: Iterable[Row], mark: pytest.MarkDecorator) -> list[pytest.ParameterSet]:
    """Return rows as parameters with a mark; rows that differ in the license run in one process."""
    return [
        pytest.param(
            row,
            id=f"{mark.name}-{'-'.join(row.values())}",
            marks=[mark, pytest.mark.xdist_group("-".join({**row, "license": ""}.values()))],
        )
        for row in rows
    ]


# tests/gate has the row of the default answers.
@pytest.mark.parametrize(
    "row", mark_rows(OPPOSITES[1:], pytest.mark.gate) + mark_rows(EACH_PAIR, pytest.mark.rows)
)
def test_the_gate_of_a_row_proves_the_twelve_factors(
    row: Row,
    bake: Bake,
    prepare: Bake,
    tmp_path: Path,
    tally: Tally,
    request: pytest.FixtureRequest,
) -> None:
    cache = request.config.cache
    assert cache is not None
    proof = f"matrix/gate/{compute_fingerprint(bake(**convert_to_answers(row)), PROSE)}"
    if not cache.get(proof, None):
        project = prepare(**convert_to_answers(row)).copy_to(tmp_path)
        project.run("git", "init", "--quiet")
        output = project.run(*GATE, timeout=1800).stdout
        cache.set(proof, re.findall(r"\b\d+ passed\b.*", output)[0])
        tally("runs of the gate")
    tally("rows whose gate passes")
