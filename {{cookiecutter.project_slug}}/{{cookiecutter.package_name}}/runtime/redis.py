"""Redis as an attached resource: one handle, waits with a limit, and recovery without a restart."""

import time
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from redis import BlockingConnectionPool, ConnectionError, CredentialProvider, Redis, TimeoutError
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from .settings import Settings, read_file

UNREACHABLE = (ConnectionError, TimeoutError)
BACKOFF = ExponentialWithJitterBackoff(cap=0.1, base=0.01)


class BoundedRedis(Redis):
    """A client whose every command, with its reconnections and retries, ends within a budget.

    One attempt may wait a quarter of the budget to connect and a quarter for the answer, and none
    starts after half of it. A command that was sent and not answered is sent again, so after an
    outage a counter may have skipped a number; it never hands one out twice.
    """

    def __init__(self, pool: BlockingConnectionPool, budget: float) -> None:
        super().__init__(connection_pool=pool)
        self.budget = budget

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raises ConnectionError or TimeoutError when the budget is spent."""
        last_start = time.monotonic() + self.budget / 2
        failures = 0
        while True:
            try:
                return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
            except UNREACHABLE:
                failures += 1
                pause = BACKOFF.compute(failures)
                if time.monotonic() + pause > last_start:
                    raise
                time.sleep(pause)


class FileCredentials(CredentialProvider):
    """The user and password of a URL in a file, read again for every new connection."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_credentials(self) -> tuple[str, str]:
        """Return the user and the password, as the file has them now."""
        url = urlsplit(read_file(self.path))
        return unquote(url.username or "default"), unquote(url.password or "")


def connect(settings: Settings) -> BoundedRedis:
    """Make the client of a process; it connects with its first command."""
    url, limit = settings.redis_url, settings.redis_timeout / 4
    options: dict[str, Any] = {}
    if path := settings.files.get("REDIS_URL"):
        parts = urlsplit(url)
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}?{parts.query}"
        options["credential_provider"] = FileCredentials(path)
    pool = BlockingConnectionPool.from_url(
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
