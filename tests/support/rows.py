"""Rows of the option matrix: covering arrays of the choices in cookiecutter.json."""

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

# A factor of our own: names and texts that are difficult for a template
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
# Pairs that the template refuses, such as {frozenset({("worker", "yes"), ("ci", "none")})}
REFUSED_PAIRS: set[Pair] = set()


def read_factors() -> Factors:
    """Return the choices of each factor, the default first."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    choices = {name: question for name, question in questions.items() if isinstance(question, list)}
    return {"names": list(NAMES), **choices}


def list_pairs(rows: Iterable[Row]) -> set[Pair]:
    """Return the pairs of choices in rows."""
    return {frozenset(pair) for row in rows for pair in combinations(row.items(), 2)}


def list_feasible_pairs(factors: Factors, refused: Iterable[Pair] = ()) -> set[Pair]:
    """Return the pairs of choices in all rows without a refused pair."""
    all_rows = (dict(zip(factors, choices, strict=True)) for choices in product(*factors.values()))
    excluded = set(refused)
    return list_pairs(row for row in all_rows if not excluded & list_pairs([row]))


def cover(factors: Factors, strength: int, refused: Iterable[Pair] = ()) -> list[Row]:
    """Return a covering array of a strength without refused pairs; its first row has all defaults."""
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


# Rows with each choice, rows with each pair of choices, and two rows without a common choice
EACH_CHOICE, EACH_PAIR = (cover(read_factors(), strength, REFUSED_PAIRS) for strength in (1, 2))
OPPOSITES = [
    EACH_CHOICE[0],
    max(EACH_CHOICE, key=lambda row: len(row.items() - EACH_CHOICE[0].items())),
]


def convert_to_answers(row: Row) -> dict[str, str]:
    """Return the answers of a row; those that are not in it have their defaults."""
    choices = {factor: choice for factor, choice in row.items() if factor != "names"}
    return {**NAMES[row["names"]], **choices}


def parametrize_rows(quick: Iterable[Row] = EACH_CHOICE) -> list[pytest.ParameterSet]:
    """Return some rows as parameters for every run, and all rows for bin/test matrix."""
    ids = {"-".join(row.values()): row for row in EACH_PAIR}
    # The tests of a row run in one process, so that they share its project.
    marks = {name: [pytest.mark.matrix, pytest.mark.xdist_group(name)] for name in ids}
    return [
        *(pytest.param(row, id="-".join(row.values())) for row in quick),
        *(pytest.param(row, id=f"matrix-{name}", marks=marks[name]) for name, row in ids.items()),
    ]
