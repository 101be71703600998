"""Log events: their required fields with types, and a pipe that records when each line arrives."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

Event = dict[str, Any]
TEXT_FIELDS = ["message", "logger", "service.name", "service.version", "release"]
SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
# RFC 3339, UTC, with milliseconds.
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
REQUEST_FIELDS = {
    "request_id": str,
    "http.request.method": str,
    "http.route": str,
    "url.path": str,
    "http.response.status_code": int,
    "client.address": str,
    "user_agent.original": str,
    "duration_ms": float,
}
EXCEPTION_FIELDS = {
    "exception.type": str,
    "exception.message": str,
    "exception.stacktrace": str,
}


def parse_time(event: Event) -> float:
    """Return the timestamp of an event in seconds since the epoch; raises ValueError."""
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def find_invalid_fields(event: Event, fields: dict[str, type] | None = None) -> list[str]:
    """Return the names of fields that are missing, nested or of another type."""
    required = dict.fromkeys(TEXT_FIELDS, str) | (fields or {})
    invalid = [name for name, kind in required.items() if not isinstance(event.get(name), kind)]
    invalid += [name for name, value in event.items() if isinstance(value, dict)]
    if event.get("severity") not in SEVERITIES:
        invalid.append("severity")
    if not TIMESTAMP.fullmatch(str(event.get("timestamp"))):
        invalid.append("timestamp")
    return invalid


def select_requests(events: list[Event]) -> list[Event]:
    """Return the request events."""
    return [event for event in events if event["message"] == "request"]


@contextmanager
def open_pipe(path: Path) -> Iterator[list[tuple[float, str]]]:
    """Make a named pipe, and collect each line with its arrival in seconds since the epoch."""
    lines: list[tuple[float, str]] = []

    def read() -> None:
        with path.open() as stream:
            while line := stream.readline():
                lines.append((time(), line))

    os.mkfifo(path)
    reader = Thread(target=read, daemon=True)
    reader.start()
    yield lines
    reader.join(timeout=10)
