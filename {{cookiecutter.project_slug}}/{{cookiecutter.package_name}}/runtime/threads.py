"""The threads of a worker, in which requests are served."""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

log = logging.getLogger(__name__)


class Threads:
    """Threads that take connections from a queue and serve one request of each.

    A ThreadPoolExecutor would make an object with locks for every request, to tell others how it ended.
    """

    def __init__(self, number: int, serve: Callable[[Any], None]) -> None:
        self.number, self.serve = number, serve
        self.queue: SimpleQueue[Any] = SimpleQueue()

    def start(self) -> None:
        """Start them all."""
        for number in range(self.number):
            threading.Thread(target=self.run, name=f"requests-{number}").start()

    def run(self) -> None:
        """Serve until shutdown."""
        while (connection := self.queue.get()) is not None:
            try:
                self.serve(connection)
            except BaseException:  # even SystemExit may end a request, but no thread
                log.exception("request failed")

    def shutdown(self, wait: bool) -> None:
        """Let each thread end after what it does now, as gunicorn asks; it never waits for that."""
        for _ in range(self.number):
            self.queue.put(None)
