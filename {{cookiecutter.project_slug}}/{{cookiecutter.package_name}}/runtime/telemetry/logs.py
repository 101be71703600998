"""Logging configuration: every record, warning and uncaught exception becomes an event on stdout."""

import json
import logging
import logging.config
import sys
import threading
from typing import Any

from flask import has_request_context, request

from ..settings import Settings
from .events import ENCODE, SERVICE, exception_fields, timestamp

# Attributes of every record; the other attributes were given as `extra`.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON, with its `extra` as fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, ASCII only, so that no text from outside can start another."""
        try:
            return ENCODE(self.event(record))
        except Exception as error:  # noqa: BLE001  # logging would print it as plain text
            return json.dumps(self.event(unwritable(record, error)))

    def event(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields; `extra` replaces none of the required ones."""
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
    """Return a record in place of one that cannot be formatted, with the line that made it."""
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


def config(level: str) -> dict[str, Any]:
    """Return the configuration for logging.config.dictConfig."""
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
        # Their default handlers write plain text to stderr.
        "loggers": {"gunicorn.error": server, "gunicorn.access": server},
    }


def configure(level: str = "INFO", release: str = "") -> None:
    """Configure the process."""
    SERVICE["release"] = release
    logging.config.dictConfig(config(level))
    logging.captureWarnings(capture=True)
    sys.excepthook = lambda kind, error, trace: log_uncaught(error)
    threading.excepthook = lambda args: log_uncaught(args.exc_value)
    sys.unraisablehook = lambda unraisable: log_uncaught(unraisable.exc_value)


def log_uncaught(error: BaseException | None) -> None:
    """Log an exception that nothing caught."""
    if error and not isinstance(error, KeyboardInterrupt | SystemExit):
        logging.getLogger(__package__).critical("uncaught exception", exc_info=error)


def init_app(settings: Settings) -> None:
    """Configure logging unless the server, or a test, has configured it before."""
    if not logging.getLogger().handlers:
        configure(settings.log_level, settings.release)
