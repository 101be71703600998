"""Redis as an attached resource: one URL, and a client for each kind of use."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from redis import BlockingConnectionPool, ConnectionPool, Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from .. import group_url
from ..group_url import GroupURL
from ..settings import Settings
from . import cluster_client, sentinels
from .client import ResilientRedis
from .cluster_client import ResilientCluster
from .connections import bound
from .credentials import FileCredentials
from .registry import BackingService, register


def get_url(settings: Settings) -> str:
    """Return the URL, without the credentials that a file holds."""
    if "REDIS_URL" not in settings.files:
        return settings.redis_url
    parts = urlsplit(settings.redis_url)
    address = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=address).geturl()


def get_group(settings: Settings) -> GroupURL | None:
    """Return the group of servers that the URL names, if it does."""
    return group_url.parse(get_url(settings))


def options(settings: Settings) -> dict[str, Any]:
    """Return the options of every connection, with limits in seconds."""
    given: dict[str, Any] = {
        "socket_connect_timeout": settings.redis_timeout / 4,
        "socket_timeout": settings.redis_timeout / 4,
        "retry": Retry(NoBackoff(), 0),  # each level of redis-py would retry; Attempts does
        "driver_info": None,  # CLIENT SETINFO would need a permission of its own
        # They let a server extend the time limits.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if path := settings.files.get("REDIS_URL"):
        given["credential_provider"] = FileCredentials(path)
    return given


def make_pool(
    settings: Settings, from_url: Callable[..., ConnectionPool], **more: Any
) -> ConnectionPool:
    """Make a pool of connections to the server of the URL, or to the primary that Sentinels name."""
    given = options(settings) | more
    if group := get_group(settings):
        return sentinels.make_pool(group, given)
    pool = from_url(get_url(settings), **given)
    bound(pool)
    return pool


def connect(settings: Settings, decode_responses: bool = True) -> ResilientRedis:
    """Make a client with a connection per thread, which returns str or bytes; it connects on first use.

    That of a cluster is a ResilientCluster, which has the same commands.
    """
    more = {"max_connections": settings.web_threads, "decode_responses": decode_responses}
    waiting = settings.redis_timeout / 4  # for a connection of the pool
    if (group := get_group(settings)) and group.is_cluster:
        make = cluster_client.maker(group, options(settings) | more | {"timeout": waiting})
        return cast(ResilientRedis, ResilientCluster(make, settings.redis_timeout))
    blocking = partial(BlockingConnectionPool.from_url, timeout=waiting)
    pool = make_pool(settings, blocking, **more)
    return ResilientRedis(pool, settings.redis_timeout)


def connect_blocking(settings: Settings) -> Redis:
    """Make a client without a read timeout, for commands that block on purpose, such as BLPOP."""
    unlimited = {"socket_timeout": None, "socket_keepalive": True, "decode_responses": True}
    return Redis(connection_pool=make_pool(settings, ConnectionPool.from_url, **unlimited))


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the clients to the app, and register Redis as a backing service."""
    redis = connect(settings)
    app.extensions["redis"] = redis
    check: Callable[[], object] = redis.ping
    if (group := get_group(settings)) and group.is_cluster:
        check = cast(ResilientCluster, redis).check
    else:
        app.extensions["blocking_redis"] = connect_blocking(settings)
    errors = (RedisError, RedisClusterException)  # the second comes from pipelines of a cluster
    register(app, BackingService("redis", check, errors, (ResponseError,)))


def get_redis() -> ResilientRedis:
    """Return the client of the current app; its answers are str."""
    return cast(ResilientRedis, current_app.extensions["redis"])


def get_blocking_redis() -> Redis:
    """Return the client of the current app that waits without a limit for an answer."""
    if "blocking_redis" not in current_app.extensions:
        # RedisCluster has one read timeout for commands and for the lookup of its nodes.
        raise ValueError("REDIS_URL: no blocking client for a cluster; name a server or Sentinels")
    return cast(Redis, current_app.extensions["blocking_redis"])
