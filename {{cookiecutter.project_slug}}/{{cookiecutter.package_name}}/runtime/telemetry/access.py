"""Request event and observation, written once, where gunicorn knows status and duration."""

import logging
import sys
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

from ..web.context import context, decode
from . import events, metrics

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
PROBE, REQUEST = (logging.DEBUG, "DEBUG"), (logging.INFO, "INFO")
log = logging.getLogger(__name__)


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger with a structured event in place of the access line."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Log and observe a finished request; probes are logged at DEBUG."""
        if not resp.headers_sent and not isinstance(sys.exception(), OSError | None):
            return  # a defect before the first byte: the worker sends another response, and logs that
        method, route = environ["REQUEST_METHOD"], environ.get("service.route", "")
        status = str(resp.status).partition(" ")[0]
        seconds = request_time.total_seconds()
        level, severity = PROBE if route in PROBES else REQUEST
        if log.isEnabledFor(level):
            fields = environ.get("service.context") or context(environ)
            fields |= {
                "http.request.method": method[:32],
                "url.path": req.path[:1024],
                "http.response.status_code": int(status),
                "client.address": environ.get("REMOTE_ADDR", ""),
                "user_agent.original": decode(environ.get("HTTP_USER_AGENT", ""))[:256],
                "duration_ms": round(seconds * 1000, 3),
            }
            if route:
                fields["http.route"] = route
            events.write(severity, "request", log.name, fields)
        metrics.observe(method, route, status, seconds)
