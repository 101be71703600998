"""A worker that waits for its clients without keeping other clients waiting."""

import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Seconds in which a client that got its last answer hangs up.
FAREWELL = 2.0


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker whose threads are for requests alone.

    gunicorn's own lends a thread for 5 s to a client that connects and says nothing, does nothing else
    for 2 s when a client does not hang up after its answer, and takes all connections that there are,
    so that those in its queue are lost when it is killed.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.leaving: deque[Any] = deque()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what there is to do, and accept more only while a thread is free."""
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, 0.1))
        idle = len(self.keepalived_conns) + len(self.pending_conns) + len(self.leaving)
        self.worker_connections = min(idle + self.cfg.threads, self.cfg.worker_connections)

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread, but not before the client has said something."""
        if conn.initialized or conn.data_ready or speaks(conn.sock):
            conn.data_ready = True
            super().enqueue_req(conn)
            return
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        ready = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, ready)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep the connection for another request, or say goodbye and let the client hang up, too."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        conn.timeout = time.monotonic() + FAREWELL
        self.leaving.append(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self.drain, conn))
        except OSError:
            self.hang_up(conn)

    def drain(self, conn: Any, sock: socket.socket) -> None:
        """Drop what still comes: unread, it would reset the connection and take the answer back."""
        with suppress(OSError):
            if sock.recv(65536):
                return
        self.hang_up(conn)

    def hang_up(self, conn: Any) -> None:
        """Close a connection that was said goodbye to."""
        self.leaving.remove(conn)
        with suppress(KeyError, ValueError):  # when it broke before it was registered
            self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close the connections whose clients said nothing, or did not hang up, for too long."""
        super().murder_pending()
        while self.leaving and self.leaving[0].timeout <= time.monotonic():
            self.hang_up(self.leaving[0])

    def _cap_keepalive(self, deadline: float) -> None:
        """When stopping, wait no longer for a client's first request than for its next one."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)


def speaks(sock: socket.socket) -> bool:
    """Tell whether there is something to read, if only the end."""
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        pass  # the thread that reads will see to it
    return True
