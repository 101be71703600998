"""Table of the results per factor: proved assertions, and measurements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

FACTORS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
COUNT = "tally: "
IDS = re.compile(r"::test_((?:[IVX]+_\d+_)+)")


def figures(report: Any) -> Counter[str]:
    """Return what a test counted or measured."""
    given = [(str(name), number) for name, number in report.user_properties]
    found = {name.removeprefix(COUNT): number for name, number in given if name.startswith(COUNT)}
    return Counter(found)


def assertions(report: Any) -> list[tuple[str, int]]:
    """Return the assertions that the name of a test lists."""
    listed = "".join(IDS.findall(report.nodeid))
    return [(factor, int(number)) for factor, number in re.findall(r"([IVX]+)_(\d+)_", listed)]


def table(reports: Iterable[Any]) -> list[str]:
    """Return the factors of which the tests that passed prove an assertion, as Markdown."""
    proved: dict[str, set[int]] = {}
    measured: dict[str, Counter[str]] = {}
    for report in reports:
        for factor, number in assertions(report):
            proved.setdefault(factor, set()).add(number)
            measured.setdefault(factor, Counter()).update(figures(report))
    rows = [
        f"| {factor} | {' '.join(f'{factor}.{number}' for number in sorted(proved[factor]))} | "
        f"{'; '.join(f'{figure}: {number}' for figure, number in sorted(measured[factor].items()))} |"
        for factor in FACTORS
        if factor in proved
    ]
    return ["", "| factor | proved | measured |", "|---|---|---|", *rows, ""] if rows else []
