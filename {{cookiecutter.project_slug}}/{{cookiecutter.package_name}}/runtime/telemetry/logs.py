"""The log: one JSON object a line on stdout, with the field names of OpenTelemetry."""

import json
import json.encoder
import logging
import logging.config
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any

from flask import has_request_context, request

from .settings import Settings
from .version import COMMIT, NAME

# What every record has, so that the rest is what was given as `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


QUOTE = json.encoder.encode_basestring_ascii
ENCODE = json.JSONEncoder(default=str, allow_nan=False).encode
# What every event says of the service; configure() knows the release.
SERVICE = {"service.name": NAME, "service.version": COMMIT, "release": ""}


def timestamp(moment: float) -> str:
    """Return a time in the form of RFC 3339."""
    return f"{second(int(moment))}.{int(moment % 1 * 1000):03}Z"


@lru_cache(maxsize=1)
def second(moment: int) -> str:
    """Return a time without its fraction, which many events share."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))


@cache
def constant(severity: str, message: str, logger: str) -> str:
    """Return what all such events have in common, but for their time, as JSON without its braces."""
    fields = {"severity": severity, "message": message, "logger": logger}
    return ENCODE(fields | SERVICE).strip("{}")


def write(severity: str, message: str, logger: str, fields: Mapping[str, str | float]) -> None:
    """Write an event of plain values at once.

    What logging would do with it costs several times as much: a record, filters, locks and encoders.
    """
    common = constant(severity, message, logger)
    own = [
        f'"{name}": {QUOTE(value) if isinstance(value, str) else value}'
        for name, value in fields.items()
    ]
    first = f'"timestamp": "{timestamp(time.time())}"'
    with suppress(OSError):  # as logging does: what cannot be logged is answered all the same
        sys.stdout.write("{" + ", ".join((first, common, *own)) + "}\n")
        sys.stdout.flush()


class JsonFormatter(logging.Formatter):
    """Write a log record as one line of JSON; what was given as `extra` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, ASCII only, so that no text from outside can start another."""
        try:
            return ENCODE(self.event(record))
        except Exception as error:  # noqa: BLE001  # logging would print it, and not as an event
            return json.dumps(self.event(unwritable(record, error)))

    def event(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields; what was given as `extra` replaces none of the others."""
        event: dict[str, Any] = {
            "timestamp": timestamp(record.created),
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **SERVICE,
        }
        if has_request_context():
            event |= request.environ.get("service.context", {})
        event |= {
            name: value
            for name, value in vars(record).items()
            if name not in STANDARD and name not in event
        }
        if record.exc_info and record.exc_info[1]:
            event |= exception_fields(record.exc_info[1])
        return event


def unwritable(record: logging.LogRecord, error: Exception) -> logging.LogRecord:
    """Return a record that stands for one that cannot be written, and says where that one is made."""
    fields = {
        "name": record.name,
        "levelname": record.levelname,
        "created": record.created,
        "msg": "unwritable log record",
        "exc_info": (type(error), error, error.__traceback__),
        "code.file.path": record.pathname,
        "code.line.number": record.lineno,
    }
    return logging.makeLogRecord(fields)


def exception_fields(error: BaseException) -> dict[str, str]:
    """Return the fields that describe an exception."""
    kind = type(error)
    return {
        "exception.type": f"{kind.__module__}.{kind.__qualname__}",
        "exception.message": str(error),
        "exception.stacktrace": "".join(traceback.format_exception(error)),
    }


def config(level: str) -> dict[str, Any]:
    """Return the logging configuration, in the form of logging.config.dictConfig."""
    # gunicorn's DEBUG repeats its whole configuration and every request.
    server = {"level": "INFO" if level == "DEBUG" else level, "handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"level": level, "handlers": ["stdout"]},
        # By themselves they write plain text to stderr.
        "loggers": {"gunicorn.error": server, "gunicorn.access": server},
    }


def configure(level: str = "INFO", release: str = "") -> dict[str, Any]:
    """Send every log event, warning and uncaught exception of this process to stdout."""
    SERVICE["release"] = release
    settings = config(level)
    logging.config.dictConfig(settings)
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda kind, error, trace: _uncaught(error)
    threading.excepthook = lambda args: _uncaught(args.exc_value)
    sys.unraisablehook = lambda unraisable: _uncaught(unraisable.exc_value)
    return settings


def _uncaught(error: BaseException | None) -> None:
    if error and not isinstance(error, KeyboardInterrupt | SystemExit):
        logging.getLogger(__package__).critical("uncaught exception", exc_info=error)


def init_app(settings: Settings) -> None:
    """Configure logging, unless the server of this process (or a test) already did."""
    if not logging.getLogger().handlers:
        configure(settings.log_level, settings.release)
