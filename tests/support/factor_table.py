"""Table of the results per factor: proved assertions, and measurements."""

from __future__ import annotations

import runpy
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.environment import SERVICE

# The gate of a service defines the assertions; some of them need the tests of the template.
GATE = runpy.run_path(str(SERVICE / "tests/factors/support/assertions.py"))
COUNT = "tally: "
PROVES = "proves"


def add_ids(item: pytest.Item) -> None:
    """Add the ids of the marker `proves` to the report of a test; raises UsageError."""
    if item.get_closest_marker(PROVES):
        item.user_properties += [(PROVES, one) for one in GATE["read_ids"](item)]


def figures(report: Any) -> Counter[str]:
    """Return what a test counted or measured."""
    given = [(str(name), number) for name, number in report.user_properties]
    found = {name.removeprefix(COUNT): number for name, number in given if name.startswith(COUNT)}
    return Counter(found)


def table(reports: Iterable[Any]) -> list[str]:
    """Return the factors of which the tests that passed prove an assertion, as Markdown."""
    proved: dict[str, set[int]] = {}
    measured: dict[str, Counter[str]] = {}
    for report in reports:
        for one in [value for name, value in report.user_properties if name == PROVES]:
            factor, number = one.split(".")
            proved.setdefault(factor, set()).add(int(number))
            measured.setdefault(factor, Counter()).update(figures(report))
    rows = [
        f"| {factor} | {' '.join(f'{factor}.{number}' for number in sorted(proved[factor]))} | "
        f"{'; '.join(f'{figure}: {number}' for figure, number in sorted(measured[factor].items()))} |"
        for factor in GATE["FACTORS"]
        if factor in proved
    ]
    return ["", "| factor | proved | measured |", "|---|---|---|", *rows, ""] if rows else []
