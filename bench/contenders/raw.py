"""Answer without a framework: contender a, the least that gunicorn can serve."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

BODY = b'{"visits":1}\n'
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Return a constant response."""
    start_response("200 OK", HEADERS[:])
    return [BODY]
