"""gunicorn's threaded worker without the requests that it loses at a stop or to idle clients.

Each group of overrides says when to delete it; tests/test_worker.py holds what they rely on.
"""

import signal
import socket
import sys
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from ..lifecycle import lifecycle
from . import arrival
from .lingering import LingeringWorker


class DrainingWorker(LingeringWorker):
    """Worker that stops in order: lame duck, backlog, listener, in-flight requests, exit."""

    # Until https://github.com/benoitc/gunicorn/issues/3397 is closed:

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Fail readiness from now on, and stop after DRAIN_DELAY."""
        if sig != signal.SIGINT:  # Ctrl-C: the master closes its listener, then sends SIGQUIT
            lifecycle.drain()
            self.method_queue.defer(lambda: None)  # wakes the poller

    handle_quit = handle_exit  # gunicorn's quick stop can deadlock in the thread pool

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Dispatch events, and leave the main loop after the lame-duck period."""
        left = lifecycle.seconds_left() if self.alive else timeout
        super().wait_for_and_dispatch_events(min(timeout, left))
        self.alive = self.alive and lifecycle.seconds_left() > 0

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop accepting; at the end, accept the backlog and close the listeners."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)  # a wait for the GIL after the last accept() loses connections
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
        sys.setswitchinterval(interval)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)

    # Until https://github.com/benoitc/gunicorn/pull/3635 (idle connections hold no thread for 5 s)
    # is released, and https://github.com/benoitc/gunicorn/issues/908 (accepts too much) is solved:

    new_connections: frozenset[Any] = frozenset()

    def enqueue_req(self, conn: Any) -> None:
        """Submit a connection to the thread pool once its request has arrived."""
        if conn.data_ready and arrival.has_arrived(conn):
            if not conn.initialized:
                self.track(self.new_connections | {conn})
            super().enqueue_req(conn)
            return
        arrival.limit(conn.sock)
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + arrival.SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        """Submit a connection whose request has arrived; its deadline stays otherwise."""
        if arrival.has_arrived(conn):
            super().on_pending_socket_readable(conn, client)

    def track(self, new: frozenset[Any]) -> None:
        """Accept while fewer new connections than threads wait; kept-alive ones do not count."""
        self.new_connections = new
        self.worker_connections = self.cfg.worker_connections if len(new) < self.cfg.threads else 0

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Stop tracking a connection whose request has been answered."""
        self.track(self.new_connections - {conn})
        super().finish_request(conn, fs)
