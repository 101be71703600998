"""Failures and refusals of gunicorn's worker as events: nothing in plain text, and no secret repeated."""

import sys
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

from . import metrics, refusals


class EventWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker, whose own failures are events of the log.

    Delete an override when gunicorn prints no exception to stderr beside its log, and lets an app answer
    what it refuses: its own answer is a page without a request id that repeats a malformed header, which may
    hold a secret, and is in no log event and no metric.
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
        except SystemExit as error:
            self.handle_error(conn.parser.mesg, conn.sock, conn.client, error)
        except Exception:  # of the answer to an error
            self.log.exception("Error handling request")
        return False

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer with a problem; log and observe it like the response to any other request."""
        error = refusals.http_error(exc)
        request = req or refusals.find_request(exc)
        environ = refusals.make_environ(request, addr[0] if addr else "", exc)
        fields = environ["service.context"]
        if error.code == 500:
            self.log.error("Error handling request", exc_info=exc, extra=fields)
        response = SimpleNamespace(status=f"{error.code} {error.name}", headers_sent=True)
        self.log.access(response, request, environ, timedelta())
        with suppress(OSError):
            answer = refusals.make_response(error, fields["request_id"], request.method)
            util.write_nonblock(client, answer)
