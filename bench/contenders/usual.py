"""Count visits with the features of the service, as the libraries document them: contender h."""

from __future__ import annotations

import logging.config
import os
import re
import time
import uuid

from flask import Flask, Response, g, has_request_context, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from redis import Redis

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PROBES = ("/livez", "/readyz", "/metrics")


class RequestFields(logging.Filter):
    """Filter that adds the request id and the trace to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True after adding the fields."""
        if has_request_context() and "request_id" in g:
            record.request_id = g.request_id
            if g.trace:
                record.trace_id, record.span_id = g.trace.groups()
        return True


# https://flask.palletsprojects.com/en/stable/logging/
# https://nhairs.github.io/python-json-logger/latest/quickstart/
logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": RequestFields}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": "%(levelname)s %(message)s %(name)s",
                "rename_fields": {"levelname": "severity", "name": "logger"},
                "static_fields": {"service.name": "usual", "service.version": "", "release": ""},
                "timestamp": True,
            }
        },
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "filters": ["request"],
                "formatter": "json",
            }
        },
        "root": {"level": "INFO", "handlers": ["stdout"]},
    }
)
log = logging.getLogger(__name__)
duration = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests.",
    ["http_request_method", "http_route", "http_response_status_code"],
)
app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_SAMESITE="Lax",
    MAX_CONTENT_LENGTH=64 * 1024,
)
redis = Redis.from_url(os.environ["REDIS_URL"], socket_timeout=1, socket_connect_timeout=1)


@app.before_request
def begin() -> None:
    """Start the clock, and take or make the request id."""
    g.started = time.perf_counter()
    request_id = request.headers.get("X-Request-ID", "")
    g.request_id = request_id if REQUEST_ID.fullmatch(request_id) else uuid.uuid4().hex
    g.trace = TRACEPARENT.match(request.headers.get("traceparent", ""))


@app.after_request
def add_headers(response: Response) -> Response:
    """Add the request id and the security headers that the view has not set."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-ID"] = g.request_id
    g.status = response.status_code
    return response


@app.teardown_request
def record(error: BaseException | None) -> None:
    """Observe and log the request."""
    route = request.url_rule.rule if request.url_rule else ""
    status, seconds = g.get("status", 500), time.perf_counter() - g.started
    duration.labels(request.method, route, status).observe(seconds)
    log.log(
        logging.DEBUG if route in PROBES else logging.INFO,
        "request",
        extra={
            "http.request.method": request.method,
            "http.route": route,
            "url.path": request.path,
            "http.response.status_code": status,
            "client.address": request.remote_addr,
            "user_agent.original": request.headers.get("User-Agent", ""),
            "duration_ms": round(seconds * 1000, 3),
        },
    )


@app.get("/")
def welcome() -> dict[str, int]:
    """Count a visit."""
    return {"visits": redis.incr("usual:visits")}


@app.get("/livez")
def livez() -> dict[str, str]:
    """Report that the process is alive."""
    return {"status": "ok"}


@app.get("/readyz")
def readyz() -> dict[str, str]:
    """Report that Redis answers."""
    redis.ping()
    return {"status": "ok"}


@app.get("/metrics")
def metrics() -> Response:
    """Return the metrics of all workers (https://prometheus.github.io/client_python/multiprocess/)."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
