"""Connections to the primary that Sentinels name, which are made anew after a failover."""

from typing import Any

from redis import ConnectionPool
from redis.connection import parse_url
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from ..group_url import GroupURL
from .connections import BoundedConnection

CREDENTIALS = {"username", "password", "db"}
# Options of connections to Sentinels, too
ASKING = {"retry", "driver_info", "maint_notifications_config"}


class PrimaryConnection(SentinelManagedConnection, BoundedConnection):
    """Connection to the primary, with one time limit for the lookup and all addresses."""


class PrimaryTLSConnection(PrimaryConnection, SentinelManagedSSLConnection):
    """The same with TLS."""


def make_pool(group: GroupURL, options: dict[str, Any]) -> ConnectionPool:
    """Make a pool of connections to the primary; all Sentinels are asked within half a time limit."""
    server = parse_url(group.url)
    secure = server.get("connection_class") is not None
    tls = {name: value for name, value in server.items() if name.startswith("ssl_")}
    seconds = options["socket_connect_timeout"] / 4 / len(group.hosts)
    limits = {"socket_connect_timeout": seconds, "socket_timeout": seconds, "ssl": secure}
    asking = {name: value for name, value in options.items() if name in ASKING}
    manager = Sentinel(group.hosts, sentinel_kwargs=asking | tls | limits)
    return SentinelConnectionPool(
        group.service,
        manager,
        connection_class=PrimaryTLSConnection if secure else PrimaryConnection,
        **{name: server[name] for name in CREDENTIALS & server.keys()},
        **tls,
        **options,
    )
