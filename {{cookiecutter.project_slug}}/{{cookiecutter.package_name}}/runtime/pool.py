"""The connections of a process to Redis: no more than it has threads, and lent without a lock."""

import time
from collections import deque
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from redis import ConnectionError, ConnectionPool, TimeoutError
from redis.connection import Connection, ConnectionInterface

USELESS = (ConnectionError, TimeoutError, OSError)
# A connection that nobody used for so many seconds is looked at before it is lent. Should another have
# ended, its command fails, and BoundedRedis sends it again.
FRESH = 0.5


class Connections(ConnectionPool):
    """A pool that lends a connection at a third of what it costs with redis-py's own.

    Those lock, count and record; this one takes from a queue, the last one used first. Who finds it
    empty waits for some seconds.
    """

    def __init__(self, max_connections: int, timeout: float, **options: Any) -> None:
        super().__init__(max_connections=max_connections, **options)
        self.timeout = timeout
        self.idle: deque[tuple[Any, float]] = deque()
        self.places: SimpleQueue[None] = SimpleQueue()
        for _ in range(max_connections):
            self.places.put(None)

    def get_connection(
        self, command_name: str | None = None, *keys: Any, **options: Any
    ) -> Connection:
        """Lend a connection; raises ConnectionError when none is free in time or Redis is not there."""
        try:
            self.places.get(timeout=self.timeout)
        except Empty:
            raise ConnectionError("no connection is free") from None
        connection: Connection
        try:
            connection, since = self.idle.pop()
        except IndexError:
            connection, since = self.connection_class(**self.connection_kwargs), 0.0
        try:
            rested = time.monotonic() - since > FRESH
            if connection.is_connected and rested and has_ended(connection):
                connection.disconnect()
            if not connection.is_connected:
                connection.connect()
        except BaseException:
            self.release(connection)
            raise
        return connection

    def release(self, connection: ConnectionInterface) -> None:
        """Take a connection back."""
        self.idle.append((connection, time.monotonic()))
        self.places.put(None)

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close the connections that nobody uses now; the others end with their process."""
        with suppress(IndexError):
            while True:
                self.idle.pop()[0].disconnect()


def has_ended(connection: Connection) -> bool:
    """Tell whether a connection is of no use: there is nothing to read before a command is sent."""
    try:
        return connection.can_read()
    except USELESS:
        return True
