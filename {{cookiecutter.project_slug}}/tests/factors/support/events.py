"""What an event of the log is: its fields, and what each of them holds."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from time import time as clock
from typing import Any

Event = dict[str, Any]
TEXTS = ["message", "logger", "service.name", "service.version", "release"]
SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
# UTC, as RFC 3339 writes it, with milliseconds.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
REQUEST = {
    "request_id": str,
    "http.request.method": str,
    "http.route": str,
    "url.path": str,
    "http.response.status_code": int,
    "client.address": str,
    "user_agent.original": str,
    "duration_ms": float,
}
EXCEPTION = {
    "exception.type": str,
    "exception.message": str,
    "exception.stacktrace": str,
}


def time(event: Event) -> float:
    """Return when it happened, in seconds since 1970; raises ValueError."""
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def lacking(event: Event, fields: dict[str, type] | None = None) -> list[str]:
    """Return the names of the fields that are not there or hold something else."""
    wanted = dict.fromkeys(TEXTS, str) | (fields or {})
    wrong = [name for name, kind in wanted.items() if not isinstance(event.get(name), kind)]
    wrong += [name for name, value in event.items() if isinstance(value, dict)]
    if event.get("severity") not in SEVERITIES:
        wrong.append("severity")
    if not TIME.fullmatch(str(event.get("timestamp"))):
        wrong.append("timestamp")
    return wrong


def requests(events: list[Event]) -> list[Event]:
    """Return those that are requests."""
    return [event for event in events if event["message"] == "request"]


@contextmanager
def pipe(path: Path) -> Iterator[list[tuple[float, str]]]:
    """Make a pipe, and collect each line that comes out of it, with the time."""
    lines: list[tuple[float, str]] = []

    def read() -> None:
        with path.open() as stream:
            while line := stream.readline():
                lines.append((clock(), line))

    os.mkfifo(path)
    reader = Thread(target=read, daemon=True)
    reader.start()
    yield lines
    reader.join(timeout=10)
