"""Event of the log: one JSON object a line on stdout, with the field names of OpenTelemetry."""

import json
import json.encoder
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache

from ..version import COMMIT, NAME

QUOTE = json.encoder.encode_basestring_ascii
ENCODE = json.JSONEncoder(default=str, allow_nan=False).encode
# Fields of every event; logs.configure() sets the release.
SERVICE = {"service.name": NAME, "service.version": COMMIT, "release": ""}


def timestamp(seconds: float) -> str:
    """Return a Unix time as RFC 3339, in UTC with milliseconds."""
    return f"{whole_second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=1)
def whole_second(seconds: int) -> str:
    """Return a Unix time without its fraction; consecutive events share it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


@cache
def constant_part(severity: str, message: str, logger: str) -> str:
    """Return the fields that such events share, as JSON without braces."""
    fields = {"severity": severity, "message": message, "logger": logger}
    return ENCODE(fields | SERVICE).strip("{}")


def write(severity: str, message: str, logger: str, fields: Mapping[str, str | float]) -> None:
    """Write an event of strings and numbers to stdout at once.

    For the request event only: logging's record, filters, locks and encoder cost several times as
    much. Everything else is logged with `logging`.
    """
    own = [
        f'"{name}": {QUOTE(value) if isinstance(value, str) else value}'
        for name, value in fields.items()
    ]
    first = f'"timestamp": "{timestamp(time.time())}"'
    with suppress(OSError):  # like logging: a request is answered even if it cannot be logged
        line = ", ".join((first, constant_part(severity, message, logger), *own))
        sys.stdout.write("{" + line + "}\n")
        sys.stdout.flush()


def exception_fields(error: BaseException) -> dict[str, str]:
    """Return the fields that describe an exception."""
    kind = type(error)
    return {
        "exception.type": f"{kind.__module__}.{kind.__qualname__}",
        "exception.message": str(error),
        "exception.stacktrace": "".join(traceback.format_exception(error)),
    }
