"""Redis as an attached resource: one URL, and a client for each kind of use."""

from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from redis import BlockingConnectionPool, ConnectionPool, Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from ..settings import Settings
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


def connect(settings: Settings, decode_responses: bool = True) -> ResilientRedis:
    """Make a client with a connection per thread, which returns str or bytes; it connects on first use."""
    pool = BlockingConnectionPool.from_url(
        max_connections=settings.web_threads,
        timeout=settings.redis_timeout / 4,
        decode_responses=decode_responses,
        **options(settings),
    )
    bound(pool)
    return ResilientRedis(pool, settings.redis_timeout)


def connect_blocking(settings: Settings) -> Redis:
    """Make a client without a read timeout, for commands that block on purpose, such as BLPOP."""
    unlimited = options(settings) | {"socket_timeout": None, "socket_keepalive": True}
    pool = ConnectionPool.from_url(decode_responses=True, **unlimited)
    bound(pool)
    return Redis(connection_pool=pool)


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
