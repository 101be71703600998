"""Routes that fail, each in a way of its own, and the messages that their failures log."""

import re

# One route fails outside of Flask, in the WSGI callable around it.
CODE = """\
import logging, threading, warnings

def fail(*args):
    raise RuntimeError("a failure")

class FailsInDel:
    __del__ = fail

library = logging.getLogger("a.library")
views = {
    "/failure": fail,
    "/warning": lambda: warnings.warn("careful"),
    "/library": lambda: library.error("from a library"),
    "/unwritable": lambda: library.error("%d", "not a number"),
    "/replacing": lambda: library.error("replacing", extra={"severity": 7, "timestamp": None}),
    "/thread": lambda: threading.Thread(target=fail).start(),
    "/lost": lambda: bool(FailsInDel()),
}
for path, view in views.items():
    app.add_url_rule(path, path, lambda view=view: [view()])

flask = app.wsgi_app
app.wsgi_app = lambda environ, start: (
    fail if environ["PATH_INFO"] == "/outside" else flask
)(environ, start)
"""
ROUTES = [*re.findall(r'^    "(/\w+)":', CODE, re.MULTILINE), "/outside"]
# From boot to shutdown: messages of gunicorn, the app, Python and a library.
MESSAGES = [
    *("Starting gunicorn", "Listening at", "Booting worker", "request", "redis unavailable"),
    *("unhandled exception", "UserWarning: careful", "from a library", "unwritable log record"),
    *("replacing", "uncaught exception", "Error handling request", "was sent SIGKILL"),
    *("Worker exiting", "Shutting down"),
]
