"""A Redis server that is suspended for some time."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis


@contextmanager
def freeze(redis: Redis) -> Iterator[None]:
    """Suspend the server with SIGSTOP: connections stay open, and no command is answered."""
    pid = redis.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
