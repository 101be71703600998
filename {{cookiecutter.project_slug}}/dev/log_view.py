"""Readable view of the log, whose events are one JSON object a line."""

import json
from collections.abc import Iterator
from typing import Any

SHOWN = ("timestamp", "severity", "message")
SAME_IN_ALL = ("service.name", "service.version", "release")
TRACE = "exception.stacktrace"
IN_TRACE = ("exception.type", "exception.message")
INDENT = "    "


def view(line: str) -> list[str]:
    """Return the lines that show a line of the log; they contain no control characters."""
    try:
        event = json.loads(line)
        time, severity, message = (escape(str(event[name])) for name in SHOWN)
    except (ValueError, TypeError, KeyError, RecursionError):
        return [escape(line)]
    values = {name: value for name, value in event.items() if name not in SHOWN + SAME_IN_ALL}
    if TRACE in values:  # it ends with the type and the message
        values = {name: value for name, value in values.items() if name not in IN_TRACE}
    short = [f"{escape(name)}={show(one)}" for name, one in values.items() if is_short(name, one)]
    first = f"{time.rpartition('T')[2]} {severity:8} {message}  {' '.join(short)}"
    return [first.rstrip(), *(f"{INDENT}{escape(one)}" for one in long_values(values))]


def is_short(name: str, value: Any) -> bool:
    """Return True if a field is shown in the first line."""
    return name != TRACE and not isinstance(value, list)


def long_values(values: dict[str, Any]) -> Iterator[str]:
    """Return the lines of the fields that need several."""
    for name, value in values.items():
        if name == TRACE:
            yield from str(value).rstrip().split("\n")
        elif isinstance(value, list):
            yield f"{name}:"
            yield from (f"{INDENT}{item}" for item in value)


def show(value: Any) -> str:
    """Return a value as text, in quotes if its end would be unclear."""
    is_clear = isinstance(value, str) and value and not set(value) & set(' "=')
    return escape(value if is_clear else json.dumps(value, ensure_ascii=False))


def escape(text: str) -> str:
    """Return a text in which no character can move the cursor, or hide or reorder others."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )
