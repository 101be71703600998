"""What the service says of itself to the gate in tests/factors/service.toml."""

from collections.abc import Sequence
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
    """Process type: how the message of an event begins that it logs once it works.

    `stop` names the settings whose sum bounds the duration of its stop.
{%- if cookiecutter.worker == "yes" %} `job` is a command that enqueues a job,
    which logs `job $NAME began`, and after $SECONDS seconds `job $NAME ended`.
{%- endif %}
    """

    event: str
    stop: Sequence[str] = ()
{%- if cookiecutter.worker == "yes" %}
    job: str = ""
{%- endif %}


WEB = ProcessType("Listening at: ", ("DRAIN_DELAY", "GRACEFUL_TIMEOUT"))


# Tables of tables, and what each table of them holds.
KINDS: dict[str, Any] = {"backing_services": BackingCommand, "process_types": ProcessType}


@cache
def read(kind: str) -> dict[str, Any]:
    """Return what the file declares of a kind, by name; raises UsageError."""
    found = {}
    for name, table in read_service_file().get(kind, {}).items():
        fields, optional = KINDS[kind]._fields, KINDS[kind]._field_defaults
        required = [field for field in fields if field not in optional]
        if not set(required) <= set(table) <= set(fields):
            expected = ", ".join([*required, *(f"{field} (optional)" for field in optional)])
            raise pytest.UsageError(f"{NAME}: [{kind}.{name}] needs exactly {expected}")
        found[name] = KINDS[kind](**table)
    return found


def process_types() -> dict[str, ProcessType]:
    """Return every process type by name; raises UsageError."""
    return {"web": WEB, **read("process_types")}


def stop_seconds(name: str, settings: Any) -> float:
    """Return the longest duration of a stop of a process type, in seconds."""
    return float(sum(getattr(settings, one.lower()) for one in process_types()[name].stop))


def check() -> None:
    """Check the tables of the file; raises UsageError."""
    if not SERVICE_FILE.exists():
        raise pytest.UsageError(f"{NAME}: missing; run git checkout -- {NAME}")
    for kind in read_service_file():
        if kind not in {"settings", *KINDS}:
            raise pytest.UsageError(f"{NAME}: unknown table [{kind}]; see docs/twelve-factors.md")
    for kind in KINDS:
        read(kind)
