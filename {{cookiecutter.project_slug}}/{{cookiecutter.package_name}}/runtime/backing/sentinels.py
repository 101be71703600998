"""Connections to the primary that Sentinels name, which are made anew after a failover."""

from typing import Any

from redis import ConnectionError, ConnectionPool, Redis
from redis.connection import parse_url
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from ..group_url import GroupURL
from .attempts import UNREACHABLE
from .connections import BoundedConnection, bound

CREDENTIALS = {"username", "password", "db"}
# Options of connections to Sentinels, too
ASKING = {"retry", "driver_info", "maint_notifications_config"}


class SentinelError(ConnectionError):
    """Reason why a Sentinel did not answer, which redis-py shows as repr()."""

    __repr__ = ConnectionError.__str__


class SentinelClient(Redis):
    """Client of a Sentinel, whose errors in the log name reason and address."""

    def __repr__(self) -> str:
        return "Sentinel"

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raises SentinelError."""
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except UNREACHABLE as error:
            raise SentinelError(str(error)) from error


class PrimaryConnection(SentinelManagedConnection, BoundedConnection):
    """Connection to the primary, which is closed when an answer is lost.

    Stock connections of Sentinels stay open, and the next command reads the late answer:
    https://github.com/redis/redis-py/pull/4292. Delete the method when it is released.
    """

    def read_response(self, *args: Any, **options: Any) -> Any:
        """Read an answer, and disconnect after an error unless told otherwise."""
        return super().read_response(*args, **{"disconnect_on_error": True} | options)


class PrimaryTLSConnection(SentinelManagedSSLConnection, PrimaryConnection):
    """The same with TLS, which verifies the address that the Sentinels name."""


def make_pool(group: GroupURL, options: dict[str, Any]) -> ConnectionPool:
    """Make a pool of connections to the primary; all Sentinels are asked within a time limit."""
    server = parse_url(group.url)
    secure = server.get("connection_class") is not None
    tls = {name: value for name, value in server.items() if name.startswith("ssl_")}
    # Each is connected to, and asked; with TLS or without.
    seconds = options["socket_connect_timeout"] / 2 / len(group.hosts)
    limits = {"socket_connect_timeout": seconds, "socket_timeout": seconds, "ssl": secure}
    asking = {name: value for name, value in options.items() if name in ASKING}
    manager = Sentinel([])
    for host, port in group.hosts:
        manager.sentinels.append(SentinelClient(host, port, **asking | tls | limits))
        bound(manager.sentinels[-1].connection_pool)
    return SentinelConnectionPool(
        group.service,
        manager,
        connection_class=PrimaryTLSConnection if secure else PrimaryConnection,
        **{name: server[name] for name in CREDENTIALS & server.keys()},
        **tls,
        **options,
    )
