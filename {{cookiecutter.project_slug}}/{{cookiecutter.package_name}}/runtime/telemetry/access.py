"""One log event and one observation a request, where the server knows how it ended."""

import logging
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from . import logs, metrics
from .requests import context

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
PROBE, REQUEST = (logging.DEBUG, "DEBUG"), (logging.INFO, "INFO")
log = logging.getLogger(__name__)


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """The logger of gunicorn, with the access line replaced by a structured event."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Log and count a request that was answered; probes only at DEBUG."""
        method, route = environ["REQUEST_METHOD"], environ.get("service.route", "")
        status = str(resp.status).partition(" ")[0]
        seconds = request_time.total_seconds()
        metrics.observe(method, route, status, seconds)
        level, severity = PROBE if route in PROBES else REQUEST
        if log.isEnabledFor(level):
            fields = environ.get("service.context") or context(environ)
            fields |= {
                "http.request.method": method[:32],
                "url.path": environ.get("PATH_INFO", "")[:1024],
                "http.response.status_code": int(status),
                "client.address": environ.get("REMOTE_ADDR", ""),
                "user_agent.original": environ.get("HTTP_USER_AGENT", "")[:256],
                "duration_ms": round(seconds * 1000, 3),
            }
            if route:
                fields["http.route"] = route
            logs.write(severity, "request", log.name, fields)
