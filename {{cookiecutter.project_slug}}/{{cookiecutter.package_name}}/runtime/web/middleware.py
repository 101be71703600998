"""WSGI middleware: request id, route and security headers in one step."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ..settings import Settings
from .context import client_address, context
from .security import missing_headers


class RequestContext:
    """Middleware that adds `service.context` and `service.route` to the environ, and headers.

    Request hooks of Flask do the same at several times the cost.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        environ["service.context"] = fields = context(environ)
        environ["REMOTE_ADDR"] = client_address(environ)

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            request = environ.get("werkzeug.request")
            environ["service.route"] = request.url_rule.rule if request and request.url_rule else ""
            headers += missing_headers(environ["wsgi.url_scheme"], headers)
            headers.append(("X-Request-ID", fields["request_id"]))
            return start_response(status, headers, *exc_info)

        return self.app(environ, start)


def init_app(app: Flask, settings: Settings) -> None:
    """Wrap the app; ProxyFix comes first and trusts the headers of PROXY_HOPS proxies."""
    app.wsgi_app = RequestContext(app.wsgi_app)  # type: ignore[method-assign]
    if hops := settings.proxy_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops
        )
