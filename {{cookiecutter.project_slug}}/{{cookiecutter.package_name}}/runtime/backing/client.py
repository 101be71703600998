"""A Redis client that waits for a limited time, and not again and again in vain."""

import threading
import time
from typing import Any

from redis import ConnectionError, ConnectionPool, Redis, TimeoutError
from redis.backoff import ExponentialWithJitterBackoff
from redis.connection import AbstractConnection
from redis.exceptions import ReadOnlyError, ResponseError

UNREACHABLE = (ConnectionError, TimeoutError)
BACKOFF = ExponentialWithJitterBackoff(cap=0.1, base=0.01)
# After so many commands in a row that failed, Redis is taken to be away.
PATIENCE = 3


class BoundedRedis(Redis):
    """A client whose commands take no longer than a budget when Redis is gone or silent.

    A wait, to connect or for an answer, lasts a quarter of the budget at most, and no attempt starts
    after three quarters of it. So a restart that is shorter fails no command. One that was sent and
    not answered is sent again: after an outage a counter may have skipped a number, but it never
    hands one out twice.

    Once Redis is taken to be away, a command is tried only once, which costs nothing if it is refused.
    If it is not answered it holds a thread, so one at a time may wait, and the others fail at once.
    Whoever waits when Redis answers again ends the outage for all.
    """

    def __init__(self, pool: ConnectionPool, budget: float) -> None:
        super().__init__(connection_pool=pool)
        self.budget = budget
        self.failed = 0
        self.silent = False
        self.waiting = threading.Lock()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raises ConnectionError or TimeoutError when Redis does not answer in time."""
        if not self.hopeless():
            patience = self.budget * 3 / 4 if self.failed < PATIENCE else 0
            return self.attempt(patience, *args, **options)
        if not self.waiting.acquire(blocking=False):
            raise TimeoutError("Redis is silent, and another command already waits for it")
        try:
            return self.attempt(0, *args, **options)
        finally:
            self.waiting.release()

    def hopeless(self) -> bool:
        """Tell whether Redis is away, and lets those who ask wait in vain."""
        return self.failed >= PATIENCE and self.silent

    def attempt(self, patience: float, *args: Any, **options: Any) -> Any:
        """Send a command, and for some seconds again while Redis cannot be reached."""
        last_start = time.monotonic() + patience
        failures = 0
        while True:
            asked = time.monotonic()
            try:
                answer = self.once(*args, **options)
            except UNREACHABLE:
                failures += 1
                failed, pause = time.monotonic(), BACKOFF.compute(failures)
                if failed + pause > last_start or self.hopeless():
                    self.failed += 1
                    # The time tells more than the error: a host name can take long to be unknown.
                    self.silent = failed - asked > self.budget / 8
                    raise
                time.sleep(pause)
            except ResponseError:
                self.failed = 0
                raise
            else:
                self.failed = 0
                return answer

    def once(self, *args: Any, **options: Any) -> Any:
        """Send a command; redis-py does the same, and times and counts it."""
        connection = self.connection_pool.get_connection()
        try:
            connection.send_command(*args)
            return self.parse_response(connection, args[0], **options)
        finally:
            self.connection_pool.release(connection)

    def parse_response(
        self, connection: AbstractConnection, command_name: str, **options: Any
    ) -> Any:
        """Read an answer; a connection that leads to a replica since a failover is not used again."""
        try:
            return super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        except ReadOnlyError:
            connection.disconnect()
            raise
