"""Redis as an attached resource: one URL, and a client for each kind of use."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from redis import BlockingConnectionPool, ConnectionPool, Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from .. import sentinel_url
from ..settings import Settings
from . import sentinels
from .client import ResilientRedis
from .connections import bound
from .credentials import FileCredentials
from .registry import BackingService, register


def options(settings: Settings) -> dict[str, Any]:
    """Return the options of every connection, with URL and limits in seconds."""
    given: dict[str, Any] = {
        "url": settings.redis_url,
        "socket_connect_timeout": settings.redis_timeout / 4,
        "socket_timeout": settings.redis_timeout / 4,
        "retry": Retry(NoBackoff(), 0),  # each level of redis-py would retry; ResilientRedis does
        "driver_info": None,  # CLIENT SETINFO would need a permission of its own
        # They let a server extend the time limits.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if path := settings.files.get("REDIS_URL"):
        parts = urlsplit(settings.redis_url)
        address = parts.netloc.rpartition("@")[2]
        given["url"] = f"{parts.scheme}://{address}{parts.path}?{parts.query}"
        given["credential_provider"] = FileCredentials(path)
    return given


def make_pool(
    settings: Settings, from_url: Callable[..., ConnectionPool], **more: Any
) -> ConnectionPool:
    """Make a pool of connections to the server of the URL, or to the primary that Sentinels name."""
    given = options(settings) | more
    url = given.pop("url")
    if place := sentinel_url.parse(url):
        return sentinels.make_pool(place, given)
    pool = from_url(url, **given)
    bound(pool)
    return pool


def connect(settings: Settings, decode_responses: bool = True) -> ResilientRedis:
    """Make a client with a connection per thread, which returns str or bytes; it connects on first use."""
    blocking = partial(BlockingConnectionPool.from_url, timeout=settings.redis_timeout / 4)
    connections = settings.web_threads
    pool = make_pool(
        settings, blocking, max_connections=connections, decode_responses=decode_responses
    )
    return ResilientRedis(pool, settings.redis_timeout)


def connect_blocking(settings: Settings) -> Redis:
    """Make a client without a read timeout, for commands that block on purpose, such as BLPOP."""
    unlimited = {"socket_timeout": None, "socket_keepalive": True, "decode_responses": True}
    return Redis(connection_pool=make_pool(settings, ConnectionPool.from_url, **unlimited))


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the clients to the app, and register Redis as a backing service."""
    redis = connect(settings)
    app.extensions["redis"] = redis
    app.extensions["blocking_redis"] = connect_blocking(settings)
    register(app, BackingService("redis", redis.ping, (RedisError,), (ResponseError,)))


def get_redis() -> ResilientRedis:
    """Return the client of the current app; its answers are str."""
    return cast(ResilientRedis, current_app.extensions["redis"])


def get_blocking_redis() -> Redis:
    """Return the client of the current app that waits without a limit for an answer."""
    return cast(Redis, current_app.extensions["blocking_redis"])
