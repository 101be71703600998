"""Headers, limits and host names: what protects the service and those who visit it."""

from functools import lru_cache

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.wsgi import get_host

from .settings import Settings

MAX_BODY = 64 * 1024
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# OWASP Secure Headers, https://owasp.org/www-project-secure-headers/
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # What was not said about caches forbids them to keep it.
    "Cache-Control": "no-store",
}
OVER_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
# Probes and scrapers call an instance by its address.
ANY_HOST = frozenset({"health.live", "health.ready", "metrics.metrics"})


def init_app(app: Flask, settings: Settings) -> None:
    """Set the limits, the keys that sign cookies, and the headers of every response."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
    )
    app.session_interface = CookieSessions()
    if settings.trusted_hosts:
        app.before_request(lambda: check_host(settings.trusted_hosts))


def check_host(trusted: tuple[str, ...]) -> None:
    """Refuse a request for another host with 400; raises SecurityError."""
    if request.endpoint not in ANY_HOST:
        get_host(request.environ, trusted)


@lru_cache
def missing(scheme: str, *given: str) -> list[tuple[str, str]]:
    """Return the headers that a response should have, apart from those that its route has set itself."""
    names = {name.lower() for name in given}
    wanted = HEADERS | (OVER_HTTPS if scheme == "https" else {})
    return [(name, value) for name, value in wanted.items() if name.lower() not in names]


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions, which would prepare to verify and to sign even where there is no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request, or a new one."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie, if there may be something to write."""
        if session or session.accessed or session.modified:
            super().save_session(app, session, response)
