"""Failures of gunicorn's worker as events: nothing in plain text, and no secret repeated."""

import sys
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from . import metrics


class EventWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, whose own failures are events of the log.

    Delete an override when gunicorn prints no exception to stderr beside its log, and repeats no
    malformed header, which may hold a secret, in its warning and in its answer.
    """

    alive: bool
    number: int
    sockets: list[Any]

    def init_process(self) -> None:
        """Share the metrics and run the worker; log an exception as an event only."""
        try:
            metrics.share(self.number)
            super().init_process()
        except Exception:
            self.log.exception("Exception in worker process")
            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)

    def handle(self, conn: Any) -> Any:
        """Handle a request; SystemExit ends it, and not the worker."""
        try:
            return super().handle(conn)
        except SystemExit:
            self.log.exception("Error handling request")
            return False

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer an error without the header that it is about."""
        if hasattr(exc, "hdr"):
            exc.hdr = "[redacted]"
        super().handle_error(req, client, addr, exc)
