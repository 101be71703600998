"""What goes wrong: in the code of a team or of a library, and in what clients send."""

import re
import socket
from contextlib import suppress

from tests.support.service import Service

# Routes for the app, one for each failure, and one that fails outside of Flask.
CODE = """\
import logging, threading, warnings

def fail(*args):
    raise RuntimeError("a failure")

class Lost:
    __del__ = fail

library = logging.getLogger("a.library")
troubles = {
    "/failure": fail,
    "/warning": lambda: warnings.warn("careful"),
    "/library": lambda: library.error("from a library"),
    "/unwritable": lambda: library.error("%d", "not a number"),
    "/replacing": lambda: library.error("replacing", extra={"severity": 7, "timestamp": None}),
    "/thread": lambda: threading.Thread(target=fail).start(),
    "/lost": lambda: bool(Lost()),
}
for path, trouble in troubles.items():
    app.add_url_rule(path, path, lambda trouble=trouble: [trouble()])

flask = app.wsgi_app
app.wsgi_app = lambda environ, start: (
    fail if environ["PATH_INFO"] == "/outside" else flask
)(environ, start)
"""
ROUTES = [*re.findall(r'^    "(/\w+)":', CODE, re.MULTILINE), "/outside"]
# What a life with all of them prints: gunicorn, the app, Python and a library, from boot to end.
MESSAGES = [
    *("Starting gunicorn", "Listening at", "Booting worker", "request", "redis unavailable"),
    *("unhandled exception", "UserWarning: careful", "from a library", "unwritable log record"),
    *("replacing", "uncaught exception", "Error handling request", "was sent SIGKILL"),
    *("Worker exiting", "Shutting down"),
]

FORGED = b'{"message":"request","forged":true}'
# Each tries to begin a line of its own, to act on a terminal, or to be no request at all.
HOSTILE = [
    b"GET /%0a" + FORGED + b"%0d%0a%1b[31m%08%7f%00 HTTP/1.1",
    b"GET /%e2%80%a8" + FORGED + b"%c2%85%ff HTTP/1.1",
    b"GET / HTTP/1.1\r\nUser-Agent: \xe2\x80\xa8" + FORGED + b"\xc2\x85\xff",
    b"GET / HTTP/1.1\r\nX-Request-ID: \xe2\x80\xa8" + FORGED,
    b"GET / HTTP/1.1\r\ntraceparent: 00-" + FORGED,
    b"GET / HTTP/1.1\r\nUser-Agent: \x1b[31m\x08\x7f",
    b"GET / HTTP/1.1\r\nAccept: \n" + FORGED,
    b"G\x1b[31mT / HTTP/1.1",
    b"GET / HTTP/9.9\n" + FORGED,
    FORGED + b"\n\x1b[31m",
]
# Headers that cannot be read, with the secrets that they were to carry.
MALFORMED = [
    b"GET / HTTP/1.1\r\nAuthorization Bearer canary",
    b"GET / HTTP/1.1\r\nCookie session=canary: x",
    b"GET / HTTP/1.1\r\nCookie : session=canary",
    b"GET / HTTP/1.1\r\nCookie: session=\0canary",
    b"GET / HTTP/1.1\r\nAuthorization: Bearer\r\n canary",
]


def send(service: Service, request: bytes) -> bytes:
    """Send bytes as they are, and return what comes back until the service hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionResetError):  # it does not read to the end what is no request
            while chunk := connection.recv(65536):
                answer += chunk
    return answer
