"""A worker that loses no request when it stops."""

import sys
import time

from gunicorn.workers.gthread import ThreadWorker

# Seconds in which gunicorn's master, told to stop at the same moment, closes its side of the socket.
LINGER = 0.2


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A threaded worker that, once told to stop, still takes the connections that are waiting.

    gunicorn's own leaves them in the listen queue, where the kernel resets them in the end:
    https://github.com/benoitc/gunicorn/issues/3397
    """

    # Ctrl-C drains, too; gunicorn's own quick stop can wait for ever for a lock of the thread pool.
    handle_quit = ThreadWorker.handle_exit

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop to accept; the last stop empties the queue first."""
        last = not (enabled or self.alive)
        if last:
            end = time.monotonic() + LINGER
            while (left := end - time.monotonic()) > 0:
                self.wait_for_and_dispatch_events(left)
        super().set_accept_enabled(enabled)
        if last:
            self.empty_queue()

    def empty_queue(self) -> None:
        """Take what waits, then refuse what comes, so that clients turn to another instance at once."""
        # Between finding the queue empty and closing it, no thread may take 5 ms for itself.
        sys.setswitchinterval(1e-6)
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
