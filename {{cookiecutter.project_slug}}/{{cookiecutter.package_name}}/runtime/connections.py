"""A worker that waits for its clients without keeping other clients waiting."""

import socket
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from .threads import Threads

# The two ends of a request that gunicorn tells apart.
KEPT: Future[bool] = Future()
KEPT.set_result(True)
ENDED: Future[bool] = Future()
ENDED.set_result(False)
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
        self.new: set[Any] = set()

    def get_thread_pool(self) -> Threads:
        """Return the threads; gunicorn asks for them before it has imported the app."""
        return Threads(self.cfg.threads, self.serve)

    def run(self) -> None:
        """Serve until the end, after which no thread may keep the process from ending."""
        self.tpool.start()
        try:
            super().run()
        finally:
            self.tpool.shutdown(wait=False)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what there is to do, and accept more unless as many new clients wait as there are threads.

        Clients that have been served before do not count: they would shut out new ones, and probes.
        """
        super().wait_for_and_dispatch_events(timeout if self.alive else min(timeout, 0.1))
        room = self.nr_conns + self.cfg.threads - len(self.new)
        self.worker_connections = min(room, self.cfg.worker_connections)

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread, but not before the client has said something."""
        if conn.initialized or conn.data_ready or speaks(conn.sock):
            conn.data_ready = True
            if not conn.initialized:
                self.new.add(conn)
            self.tpool.queue.put(conn)
            return
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        ready = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, EVENT_READ, ready)

    def serve(self, conn: Any) -> None:
        """Answer a request, in a thread, and tell the main thread whether the connection stays open."""
        end = ENDED
        try:
            if self.handle(conn):
                end = KEPT
        finally:
            self.method_queue.defer(self.finish_request, conn, end)

    def finish_request(self, conn: Any, fs: Future[bool]) -> None:
        """Keep the connection for another request, or say goodbye and let the client hang up, too."""
        self.new.discard(conn)
        if fs is KEPT:
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
