"""Assertions on the twelve factors: their ids, and the marker of the tests that prove them."""

import pytest

# Factor -> its title, and the number of its assertions.
FACTORS = {
    "I": ("Codebase", 6),
    "II": ("Dependencies", 10),
    "III": ("Config", 11),
    "IV": ("Backing services", 11),
    "V": ("Build, release, run", 12),
    "VI": ("Processes", 5),
    "VII": ("Port binding", 8),
    "VIII": ("Concurrency", 5),
    "IX": ("Disposability", 8),
    "X": ("Dev/prod parity", 4),
    "XI": ("Logs", 11),
    "XII": ("Admin processes", 7),
}
IDS = [
    f"{factor}.{number}" for factor, (_, last) in FACTORS.items() for number in range(1, last + 1)
]
# @proves("IX.5") names the assertions that a test proves.
proves = pytest.mark.proves
# Tests with time limits run once more after a failure: load delays them once, a violation twice.
timed = pytest.mark.flaky(reruns=1)


def read_ids(item: pytest.Item) -> list[str]:
    """Return the ids that a test proves; raises UsageError if it has none or an unknown one."""
    ids = [one for mark in item.iter_markers("proves") for one in mark.args]
    if not ids:
        raise pytest.UsageError(f'{item.nodeid}: no assertion; add its id, such as @proves("I.1")')
    if unknown := [one for one in ids if one not in IDS]:
        remedy = "see FACTORS in tests/factors/support/assertions.py"
        raise pytest.UsageError(f"{item.nodeid}: unknown id {unknown[0]}; {remedy}")
    return ids
