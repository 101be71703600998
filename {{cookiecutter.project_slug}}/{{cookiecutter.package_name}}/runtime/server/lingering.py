"""Connections that end: lingering close, and deadlines."""

import socket
import time
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from ..telemetry.failures import EventWorker
from ..telemetry.refusals import RequestTimeoutError
from . import arrival

LINGER_SECONDS = 2.0


class LingeringWorker(EventWorker):
    """Worker whose main loop waits for no client.

    Delete it when gunicorn.util.close_graceful does not block the main loop for 2 s (no issue found).
    """

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep the connection alive, or half-close it and wait for the client's FIN."""
        if fs.result():
            super().finish_request(conn, fs)
            return
        conn.timeout = time.monotonic() + LINGER_SECONDS
        self.pending_conns.append(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self.discard_input, conn))
        except OSError:
            conn.timeout = 0.0

    def discard_input(self, conn: Any, sock: socket.socket) -> None:
        """Discard trailing input: closing with unread data sends RST and can lose the response."""
        with suppress(OSError):
            if sock.recv(65536):
                return
        conn.timeout = 0.0

    def murder_pending(self) -> None:
        """Close the connections whose request, of which a part gets 408, or FIN did not arrive."""
        now = time.monotonic()
        for conn in [conn for conn in self.pending_conns if conn.timeout <= now]:
            self.pending_conns.remove(conn)
            with suppress(KeyError, ValueError):  # not registered if the shutdown failed
                self.poller.unregister(conn.sock)
            if arrival.discard_part(conn):
                self.handle_error(None, conn.sock, conn.client, RequestTimeoutError())
            self.nr_conns -= 1
            conn.close()
