"""Connections whose time to connect includes the lookup of the name and every address of it.

redis-py tries each address for socket_connect_timeout, and limits no lookup (no issue found). Delete this
module and the resolver when it does.
"""

import time
from typing import Any

from redis.connection import Connection, ConnectionPool, SSLConnection

from .resolver import resolver


class BoundedConnection(Connection):
    """TCP connection with one time limit for the lookup and all addresses."""

    def _connect(self) -> Any:
        """Connect to the first address that answers; raises OSError."""
        host, seconds = self.host, float(self.socket_connect_timeout or 0)
        deadline = time.monotonic() + seconds
        addresses = resolver.resolve(host, self.port, seconds / 2)
        refused: OSError | None = None
        try:
            for place, self.host in enumerate(addresses):
                left = max(deadline - time.monotonic(), 0.001)
                self.socket_connect_timeout = left / (len(addresses) - place)
                try:
                    sock = super()._connect()  # type: ignore[no-untyped-call]
                except OSError as error:
                    refused = error
                else:
                    refused = None
                    return sock
        finally:
            # TLS verifies the name, and errors show it.
            self.host, self.socket_connect_timeout = host, seconds
        try:
            raise refused or TimeoutError(f"no address of {host}")
        finally:
            del refused  # else its traceback and this frame keep the socket of a later attempt


class BoundedTLSConnection(SSLConnection, BoundedConnection):
    """The same with TLS."""


BOUNDED = {Connection: BoundedConnection, SSLConnection: BoundedTLSConnection}


def bound(pool: ConnectionPool) -> None:
    """Make the connections of a pool bounded; one to a UNIX socket is."""
    pool.connection_class = BOUNDED.get(pool.connection_class, pool.connection_class)
