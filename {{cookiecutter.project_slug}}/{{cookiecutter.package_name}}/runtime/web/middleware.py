"""Give every request an id and every response the headers it needs, in one WSGI step."""

import random
import re
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import security
from .settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?P<span_id>(?!0{16})[0-9a-f]{16})"
    r"-[0-9a-f]{2}(?:-.*)?"
)


def context(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the log fields of a request: the id it came with or a new one, and its trace."""
    given = environ.get("HTTP_X_REQUEST_ID")
    if not given or not REQUEST_ID.fullmatch(given):
        given = f"{random.getrandbits(128):032x}"  # it is no secret
    fields = {"request_id": given}
    trace = environ.get("HTTP_TRACEPARENT")
    if trace and (match := TRACEPARENT.fullmatch(trace)):
        fields |= match.groupdict()
    return fields


class RequestContext:
    """WSGI middleware that adds `service.context` and `service.route` to the environment, and headers.

    Hooks of Flask could do it, at several times the cost.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        environ["service.context"] = fields = context(environ)

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            request = environ.get("werkzeug.request")
            environ["service.route"] = request.url_rule.rule if request and request.url_rule else ""
            given = [name for name, _ in headers]
            headers += security.missing(environ["wsgi.url_scheme"], *given)
            headers.append(("X-Request-ID", fields["request_id"]))
            return start_response(status, headers, *exc_info)

        return self.app(environ, start)


def init_app(app: Flask, settings: Settings) -> None:
    """Wrap the app; the proxies' headers are read first, and only those of the given number of hops."""
    app.wsgi_app = RequestContext(app.wsgi_app)  # type: ignore[method-assign]
    if hops := settings.proxy_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
