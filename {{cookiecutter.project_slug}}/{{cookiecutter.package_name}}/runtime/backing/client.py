"""Redis client with a deadline per command, retries and a circuit breaker, around stock redis-py."""

from functools import partial
from typing import Any

from redis import ConnectionPool, Redis
from redis.connection import AbstractConnection
from redis.exceptions import ReadOnlyError

from .attempts import SENT, UNREACHABLE, Attempts
from .circuit import CircuitBreaker


class ResilientRedis(Attempts, Redis):
    """Client of a server, or of the primary that Sentinels name."""

    def __init__(
        self,
        pool: ConnectionPool,
        timeout: float,
        circuit: CircuitBreaker | None = None,
        resend: bool = False,
    ) -> None:
        Redis.__init__(self, connection_pool=pool)
        Attempts.__init__(self, timeout, circuit, resend)
        self.at_least_once: ResilientRedis = (
            self if resend else ResilientRedis(pool, timeout, self.circuit, resend=True)
        )

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raises ConnectionError or TimeoutError when Redis does not answer."""
        return self.attempt(partial(super().execute_command, *args, **options))

    def parse_response(
        self, connection: AbstractConnection, command_name: str, **options: Any
    ) -> Any:
        """Read the answer, and note on an error that the command was sent."""
        try:
            return super().parse_response(connection, command_name, **options)  # type: ignore[no-untyped-call]
        except UNREACHABLE as error:
            # The connection to a primary that became a replica fails, too: that refused the command.
            if not isinstance(error.__context__, ReadOnlyError):
                error.add_note(SENT)
            raise
        except ReadOnlyError:
            # The server became a replica: connect again, to the new primary after a failover.
            connection.disconnect()
            raise
