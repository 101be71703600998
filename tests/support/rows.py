"""The rows of the option matrix, computed from cookiecutter.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, product

import pytest
from covertable import make  # type: ignore[import-untyped]  # has no types

from tests.support.environment import ROOT

# A row has one choice for each factor: {"names": "usual", "license": "MIT", …}.
Row = dict[str, str]
Factors = Mapping[str, Sequence[str]]
Pair = frozenset[tuple[str, str]]

# Names and texts are no choices, but these kinds of them are what a template trips over.
NAMES: dict[str, dict[str, str]] = {
    "usual": {},
    "shortest": {
        **dict.fromkeys(("project_name", "description", "author_name", "image_repository"), "a"),
        "author_email": "a@b.c",
    },
    "longest": {
        "project_name": "n" * 100,
        "project_slug": "s" * 40,
        "package_name": "p" * 40,
        "description": "d" * 300,
        "author_name": "a" * 100,
        "author_email": f"{'e' * 64}@{'m' * 63}.{'m' * 63}.{'m' * 61}",
        "image_repository": "i" * 255,
    },
    "first": {"project_slug": "aardvark", "package_name": "aardvark"},
    "last": {"project_slug": "zoo", "package_name": "zoo"},
    "unlike": {"project_slug": "3-d", "package_name": "zebra_finch"},
    "awkward": dict.fromkeys(
        ("project_name", "description", "author_name"), "Ünïcode `<b>` \\ \"& ' { % } #1"
    ),
}
# What the template refuses, and no row has: {frozenset({("worker", "yes"), ("ci", "none")})}.
REFUSED: set[Pair] = set()


def factors() -> Factors:
    """Return the choices of every question that offers some, the default first."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    offered = {name: asked for name, asked in questions.items() if isinstance(asked, list)}
    return {"names": list(NAMES), **offered}


def covered(rows: Iterable[Row]) -> set[Pair]:
    """Return the pairs that some row has."""
    return {frozenset(pair) for row in rows for pair in combinations(row.items(), 2)}


def pairs(factors: Factors, refused: Iterable[Pair] = ()) -> set[Pair]:
    """Return the pairs of choices that some row without a refused pair can have."""
    possible = (dict(zip(factors, choices, strict=True)) for choices in product(*factors.values()))
    excluded = set(refused)
    return covered(row for row in possible if not excluded & covered([row]))


def cover(factors: Factors, strength: int, refused: Iterable[Pair] = ()) -> list[Row]:
    """Return rows that hold every so many choices together, but no pair that is refused.

    The first row is that of the defaults.
    """
    constraints = [
        {"operator": "not", "condition": {"operator": "and", "conditions": both}}
        for both in (
            [{"operator": "eq", "left": factor, "value": choice} for factor, choice in pair]
            for pair in sorted(sorted(pair) for pair in refused)
        )
    ]
    defaults = {factor: choices[0] for factor, choices in factors.items()}
    rows = make(factors, strength=strength, constraints=constraints, presets=[defaults])
    return [{factor: row[factor] for factor in factors} for row in rows]


# Rows with every choice, rows with every two choices, and two rows that have no choice in common.
SOME, EVERY = (cover(factors(), strength, REFUSED) for strength in (1, 2))
FEW = [SOME[0], max(SOME, key=lambda row: len(row.items() - SOME[0].items()))]


def answers(row: Row) -> dict[str, str]:
    """Return what a row answers to the questions; the rest has its default."""
    chosen = {factor: choice for factor, choice in row.items() if factor != "names"}
    return {**NAMES[row["names"]], **chosen}


def parameters(some: Iterable[Row] = SOME) -> list[pytest.ParameterSet]:
    """Return some rows for every run of the tests, and all of them for `bin/test matrix`."""
    ids = {"-".join(row.values()): row for row in EVERY}
    # The tests of a row share what is made for it: they run in one process.
    marks = {name: [pytest.mark.matrix, pytest.mark.xdist_group(name)] for name in ids}
    return [
        *(pytest.param(row, id="-".join(row.values())) for row in some),
        *(pytest.param(row, id=f"matrix-{name}", marks=marks[name]) for name, row in ids.items()),
    ]
