"""Redis as an attached resource: one handle, and credentials that may change while the service runs."""

from typing import Any, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from redis import AuthenticationError, CredentialProvider, Redis
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from .bounded import BoundedRedis
from .pool import Connections
from .settings import Settings, read_file


class FileCredentials(CredentialProvider):
    """The user and password of a URL in a file, read again for every new connection."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and the password, as the file has them now; raises AuthenticationError."""
        try:
            url = urlsplit(read_file(self.path))
        except ValueError:
            # After an error that is not its own, redis-py would use the connection without a user.
            raise AuthenticationError("the file of REDIS_URL holds no readable URL") from None
        return unquote(url.username or "default"), unquote(url.password or "")


def connect(settings: Settings) -> BoundedRedis:
    """Make the client of a process; it connects with its first command."""
    url, limit = settings.redis_url, settings.redis_timeout / 4
    options: dict[str, Any] = {}
    if path := settings.files.get("REDIS_URL"):
        parts = urlsplit(url)
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}?{parts.query}"
        options["credential_provider"] = FileCredentials(path)
    pool = Connections.from_url(
        url,
        max_connections=settings.web_threads,
        timeout=limit,
        socket_connect_timeout=limit,
        socket_timeout=limit,
        retry=Retry(NoBackoff(), 0),  # BoundedRedis retries: redis-py would at each of its levels
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **options,
    )
    return BoundedRedis(pool, settings.redis_timeout)


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the client of this process to the app."""
    app.extensions["redis"] = connect(settings)


def get_redis() -> Redis:
    """Return the client of the current app."""
    return cast(Redis, current_app.extensions["redis"])
