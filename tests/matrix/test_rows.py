"""The rows of the matrix cover each pair of choices that the template accepts."""

from __future__ import annotations

import pre_gen_project as pre
import pytest

from tests.support.fixtures import Tally
from tests.support.rows import (
    EACH_CHOICE,
    EACH_PAIR,
    OPPOSITES,
    REFUSED_PAIRS,
    convert_to_answers,
    cover,
    list_feasible_pairs,
    list_pairs,
    read_factors,
)


@pytest.mark.matrix
def test_each_feasible_pair_of_choices_is_in_a_row(tally: Tally) -> None:
    feasible = list_feasible_pairs(read_factors(), REFUSED_PAIRS)
    tally("feasible pairs", len(feasible))
    tally("feasible pairs covered", len(feasible & list_pairs(EACH_PAIR)))
    assert list_pairs(EACH_PAIR) == feasible


def test_each_choice_is_in_a_row_of_every_run() -> None:
    choices = {(factor, choice) for factor, choices in read_factors().items() for choice in choices}
    assert {choice for row in EACH_CHOICE for choice in row.items()} == choices
    assert OPPOSITES[0].items() & OPPOSITES[1].items() == set()


def test_the_template_refuses_exactly_the_excluded_pairs() -> None:
    usual = {"names": "usual"}
    rows = {pair: {**usual, **dict(pair)} for pair in list_feasible_pairs(read_factors())}
    refused = {
        pair
        for pair, row in rows.items()
        if pre.problems({**pre.DEFAULTS, **convert_to_answers(row)})
    }
    assert refused == REFUSED_PAIRS


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
    wider = {**read_factors(), **more}
    rows = cover(wider, 2, refused)
    assert list_pairs(rows) == list_feasible_pairs(wider, refused)
    # No refused pair is of the two longest factors, so each of their pairs needs a row of its own.
    one, two = sorted(map(len, wider.values()))[-2:]
    assert len(rows) >= one * two


def test_a_missing_row_leaves_pairs_uncovered() -> None:
    two = {"names": ["short", "long"], "license": ["MIT", "none"]}
    rows = cover(two, 2)
    assert [len(list_feasible_pairs(two) - list_pairs(rows[:left])) for left in range(5)] == [
        4,
        3,
        2,
        1,
        0,
    ]
