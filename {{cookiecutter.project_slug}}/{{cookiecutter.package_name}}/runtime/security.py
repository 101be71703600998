"""Headers, limits and host names: what protects the service and those who visit it."""

from flask import Flask, Response, request
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
}
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
    app.after_request(add_headers)
    if settings.trusted_hosts:
        app.before_request(lambda: check_host(settings.trusted_hosts))


def check_host(trusted: tuple[str, ...]) -> None:
    """Refuse a request for another host with 400; raises SecurityError."""
    if request.endpoint not in ANY_HOST:
        get_host(request.environ, trusted)


def add_headers(response: Response) -> Response:
    """Add the security headers, and forbid caches to keep what they were not told to."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
