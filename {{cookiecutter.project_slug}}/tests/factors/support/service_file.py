"""What the service says of itself to the gate in tests/factors/service.toml."""

from functools import cache
from typing import Any, NamedTuple

import pytest

from tests.support.settings import SERVICE_FILE, read_service_file

NAME = "tests/factors/service.toml"


class BackingCommand(NamedTuple):
    """Backing service: the setting that holds its URL, and the command that runs it."""

    setting: str
    command: str


class ProcessType(NamedTuple):
    """Process type: how the message of an event begins that it logs once it works."""

    event: str


# Tables of tables, and what each table of them holds.
KINDS: dict[str, Any] = {"backing_services": BackingCommand, "process_types": ProcessType}


@cache
def read(kind: str) -> dict[str, Any]:
    """Return what the file declares of a kind, by name; raises UsageError."""
    found = {}
    for name, table in read_service_file().get(kind, {}).items():
        fields = KINDS[kind]._fields
        if set(table) != set(fields):
            raise pytest.UsageError(f"{NAME}: [{kind}.{name}] needs exactly {', '.join(fields)}")
        found[name] = KINDS[kind](**table)
    return found


def check() -> None:
    """Check the tables of the file; raises UsageError."""
    if not SERVICE_FILE.exists():
        raise pytest.UsageError(f"{NAME}: missing; run git checkout -- {NAME}")
    for kind in read_service_file():
        if kind not in {"settings", *KINDS}:
            raise pytest.UsageError(f"{NAME}: unknown table [{kind}]; see docs/twelve-factors.md")
    for kind in KINDS:
        read(kind)
