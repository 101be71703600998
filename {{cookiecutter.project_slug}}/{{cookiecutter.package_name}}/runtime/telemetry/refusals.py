"""Answers of gunicorn itself, which no code of the app sees: a malformed head, a limit, a defect."""

import json
from types import SimpleNamespace
from typing import Any
from wsgiref.types import WSGIEnvironment

from gunicorn import util
from gunicorn.http import errors
from gunicorn.http.wsgi import SERVER
from werkzeug.exceptions import HTTPException, InternalServerError, default_exceptions

from ..web.context import address, context
from ..web.errors import DEFECT, PROBLEM, describe
from ..web.security import missing_headers


class RequestTimeoutError(Exception):
    """A request that did not arrive in time."""


# Kind of error -> status, as in gunicorn's Worker.handle_error()
STATUSES = {
    BaseException: 500,
    RequestTimeoutError: 408,
    errors.ParseException: 400,
    errors.ConfigurationProblem: 500,
    errors.InvalidResponseHeader: 500,
    errors.InvalidResponseHeaderName: 500,
    errors.ForbiddenProxyRequest: 403,
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
# What is known of a request whose head could not be read
UNKNOWN = SimpleNamespace(method="_OTHER", path="", headers=())


def http_error(error: BaseException) -> HTTPException:
    """Return the HTTP error of an exception, with a text that repeats nothing of the request."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return InternalServerError(DEFECT) if status == 500 else default_exceptions[status]()


def find_request(error: BaseException) -> Any:
    """Return the request that an error of the parser names, or an unknown one."""
    return (isinstance(error, errors.InvalidHeader) and error.req) or UNKNOWN


def make_environ(request: Any, peer: str, error: BaseException) -> WSGIEnvironment:
    """Return what is logged and observed of a request."""
    environ = {f"HTTP_{name.replace('-', '_')}": value for name, value in request.headers}
    fields = context(environ) | {"error.type": type(error).__name__}
    own = {"REQUEST_METHOD": request.method, "REMOTE_ADDR": address(peer)}
    return environ | own | {"service.context": fields}


def make_response(error: HTTPException, request_id: str, method: str) -> bytes:
    """Return a problem as an HTTP response, after which the connection closes."""
    body = json.dumps(describe(error, request_id)) + "\n"
    headers = [
        ("Server", SERVER),
        ("Date", util.http_date()),
        ("Connection", "close"),
        ("Content-Type", PROBLEM),
        ("Content-Length", str(len(body))),
        ("X-Request-ID", request_id),
    ]
    headers += missing_headers("http", headers)
    head = [f"HTTP/1.1 {error.code} {error.name}", *map(": ".join, headers)]
    return "\r\n".join([*head, "", body if method != "HEAD" else ""]).encode("ascii")
