"""Security: response headers, limits, trusted hosts and session cookies."""

import re
from functools import lru_cache

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.sansio.utils import get_host

from ..settings import Settings

MAX_BODY_BYTES = 64 * 1024
# Headers of every response.
# https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Headers that have a meaning only where a browser shows the response.
# https://owasp.org/www-project-secure-headers/
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
# Probes and scrapers call an instance by its address.
ANY_HOST = frozenset({"probes.live", "probes.ready", "metrics.metrics"})


def init_app(app: Flask, settings: Settings) -> None:
    """Set the limits, the keys that sign cookies, and the check of the host."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
    )
    app.session_interface = LazyCookieSessions()
    if settings.trusted_hosts:
        app.before_request(lambda: check_host(settings.trusted_hosts))


def check_host(trusted: tuple[str, ...]) -> None:
    """Refuse a request for another host with 400; raises SecurityError."""
    if request.endpoint not in ANY_HOST:
        # Names of hosts have no case, and may end with the dot of the root.
        host = re.sub(r"\.(?=(:[0-9]+)?$)", "", request.headers.get("Host", "").lower())
        get_host(request.scheme, host, trusted_hosts=trusted)


def missing_headers(scheme: str, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers that a response lacks; a header that its view has set stays."""
    given = {name.lower(): value for name, value in headers}
    is_page = given.get("content-type", "").startswith("text/html")
    return wanted_headers(scheme, is_page, *given)


@lru_cache
def wanted_headers(scheme: str, is_page: bool, *names: str) -> list[tuple[str, str]]:
    """Return the headers of a kind of response without those that have one of the names."""
    wanted = HEADERS | (PAGE_HEADERS if is_page else {})
    wanted |= HTTPS_HEADERS if scheme == "https" else {}
    return [(name, value) for name, value in wanted.items() if name.lower() not in names]


class LazyCookieSessions(SecureCookieSessionInterface):
    """Flask's sessions without a signer for requests that have no cookie.

    A signer for each request costs 46 % of a bare route. Delete this class when Flask makes
    one on first use only.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request, or a new one."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie if the session was used."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)
