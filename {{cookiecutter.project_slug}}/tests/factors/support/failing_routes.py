"""Routes that fail, each in a way of its own, and the messages that their failures log."""

import logging
import sys
import threading
import warnings
from typing import Any

from flask import Blueprint, Flask, Response

blueprint = Blueprint("failing", __name__, url_prefix="/gate")
library = logging.getLogger("a.library")


def fail(*args: Any) -> Any:
    """Raise an exception that nothing handles."""
    raise RuntimeError("a failure")


class FailsInDel:
    """Object whose deletion fails."""

    __del__ = fail


FAILURES = {
    "/failure": fail,
    "/warning": lambda: warnings.warn("careful", stacklevel=1),
    "/library": lambda: library.error("from a library"),
    "/unwritable": lambda: library.error("%d", "not a number"),
    "/replacing": lambda: library.error("replacing", extra={"severity": 7, "timestamp": None}),
    "/thread": lambda: threading.Thread(target=fail).start(),
    "/lost": lambda: bool(FailsInDel()),
    "/exit": lambda: sys.exit(1),
}
for path, failure in FAILURES.items():
    blueprint.add_url_rule(path, path[1:], lambda failure=failure: [failure()])
blueprint.add_url_rule("/stream", "stream", lambda: Response(fail() for _ in range(1)))

FAILURE, REPLACING, EXIT = "/gate/failure", "/gate/replacing", "/gate/exit"
STREAM = "/gate/stream"  # fails before its first byte, after the view returned
OUTSIDE = "/gate/outside"  # fails in the WSGI callable around Flask
ROUTES = [*(f"/gate{path}" for path in FAILURES), STREAM, OUTSIDE]
# From boot to shutdown: messages of gunicorn, the app, Python and a library.
MESSAGES = [
    *("Starting gunicorn", "Listening at", "Booting worker", "request", "redis unavailable"),
    *("unhandled exception", "UserWarning: careful", "from a library", "unwritable log record"),
    *("replacing", "uncaught exception", "Error handling request", "was sent SIGKILL"),
    *("Worker exiting", "Shutting down"),
]


def init_app(app: Flask) -> None:
    """Add the routes to the app."""
    app.register_blueprint(blueprint)
    flask = app.wsgi_app

    def fail_outside(environ: Any, start_response: Any) -> Any:
        view = fail if environ["PATH_INFO"] == OUTSIDE else flask
        return view(environ, start_response)

    app.wsgi_app = fail_outside
