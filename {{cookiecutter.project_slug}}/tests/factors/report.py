"""Report of the gate: assertions proved with measurements, others with the reason."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from tests.factors.support.assertions import FACTORS, read_ids, timed
from tests.support.service import ROOT

# Properties of a test in its report, and in reports/factors.xml.
PROVES, EVIDENCE, LOAD = "proves", "evidence", "load"
# Assertions outside of the gate, by the resource that their tests need.
OUT_OF_SCOPE = {
    "the image": "I.2 I.5 II.5 II.6 II.8 V.8 VI.3 VII.2 VIII.1 X.1 X.3 XII.1",
}


class Result(NamedTuple):
    """Result of one assertion in one test."""

    factor: str
    number: int
    outcome: str
    notes: list[str]


def read(stats: Mapping[str, Iterable[Any]]) -> list[Result]:
    """Return the results of a pytest run; a skipped test proves nothing."""
    return [
        result
        for outcome in ("passed", "failed", "error", "skipped")
        for test in stats.get(outcome, ())
        if isinstance(test, pytest.TestReport)
        for result in read_test(test, outcome)
    ]


def read_test(test: pytest.TestReport, outcome: str) -> Iterator[Result]:
    """Return one result for each assertion of a test."""
    notes = [str(value) for name, value in test.user_properties if name == EVIDENCE]
    if loads := [str(value) for name, value in test.user_properties if name == LOAD]:
        runs = "its second run passed" if outcome == "passed" else "all its runs failed"
        notes += [f"{test.location[2]} failed at load {' and '.join(loads)}; {runs}"]
    if outcome == "skipped":
        notes = [str(test.longrepr[2]).removeprefix("Skipped: ")]
    for name, value in test.user_properties:
        if name == PROVES:
            factor, number = str(value).split(".")
            yield Result(factor, int(number), outcome, notes)


def describe_load() -> str:
    """Return the load average of the last minute: above the number of processors, tests are late."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def out_of_scope(factor: str) -> Iterable[str]:
    """Return the assertions of a factor outside of the gate, with what they need."""
    for need, ids in OUT_OF_SCOPE.items():
        if own := [one for one in ids.split() if one.startswith(f"{factor}.")]:
            yield f"{' '.join(own)}: needs {need}"


def rows(results: list[Result]) -> Iterable[tuple[str, str, str, str]]:
    """Return one row per factor: its name, assertions proved and not proved, and evidence."""
    for factor, (title, _) in FACTORS.items():
        own = sorted((one for one in results if one.factor == factor), key=lambda one: one.number)
        failed = [one for one in own if one.outcome != "passed"]
        proved = {one.number for one in own} - {one.number for one in failed}
        reasons = [f"{factor}.{one.number} {one.outcome} {'; '.join(one.notes)}" for one in failed]
        figures = [note for one in own if one.number in proved for note in one.notes]
        yield (
            f"{factor} {title}",
            " ".join(f"{factor}.{number}" for number in sorted(proved)) or "none",
            "; ".join([*dict.fromkeys(map(str.strip, reasons)), *out_of_scope(factor)]),
            "; ".join(dict.fromkeys(figures)),
        )


def table(results: list[Result]) -> list[str]:
    """Return the report as lines of Markdown."""
    lines = ["", "| factor | proved | not proved | evidence |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows(results)]
    return [*lines, ""]


def write(results: list[Result]) -> None:
    """Write the report to reports/factors.md."""
    folder = ROOT / "reports"
    folder.mkdir(exist_ok=True)
    (folder / "factors.md").write_text("\n".join(["# The twelve factors", *table(results)]))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test with the ids that it proves, and add them to its report; raises UsageError."""
    for one in read_ids(item):
        item.add_marker(one)
        item.user_properties.append((PROVES, one))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Add the load of the machine to the report of a test that failed and has time limits."""
    if call.excinfo and item.get_closest_marker(timed.name):
        item.user_properties.append((LOAD, describe_load()))
    return (yield)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the report, and write it to reports/factors.md."""
    if results := read(terminalreporter.stats):
        for line in table(results):
            terminalreporter.write_line(line)
        write(results)
