"""The queue of jobs: RQ on the Redis of the service, under its key prefix."""

import math
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, has_request_context, request
from redis import ConnectionError as RedisConnectionError
from redis import ConnectionPool, Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from ..backing.connect import connect, get_group, make_pool
from ..settings import Settings, SettingsError, get_settings

if TYPE_CHECKING:
    from rq import Queue

# Attempts after the first: RQ gives up a job without any when its worker is killed.
RETRIES = 3
# Attempts of a worker to send a command while Redis restarts: about 8 s
RECONNECTION = Retry(ExponentialBackoff(cap=1, base=0.1), 10, (RedisConnectionError,))
# How long a finished job stays in Redis, for its status
FINISHED_SECONDS = 60


class WorkerRedis(Redis):
    """Client of a worker, which is busy while it takes a job, and until the job is done."""

    is_busy = False

    def blmove(self, *args: Any, **options: Any) -> Any:
        """Wait for a job; raises RedisError."""
        job_id = None
        self.is_busy = True
        try:
            job_id = super().blmove(*args, **options)
        finally:
            self.is_busy = job_id is not None
        return job_id


def enqueue(function: Callable[..., object], *arguments: object) -> str:
    """Enqueue a call of a function, and return the id of the job; raises RedisError.

    A job is executed at least once, so it has to be idempotent. The arguments have to be JSON.
    """
    from rq import Retry as Attempts

    settings = get_settings()
    job = get_queue().enqueue_call(
        function,
        arguments,
        timeout=math.ceil(settings.job_timeout),
        result_ttl=FINISHED_SECONDS,
        retry=Attempts(max=RETRIES),
        meta=origin(),
    )
    return str(job.id)


def origin() -> dict[str, str]:
    """Return the log fields of the request that enqueues a job; empty outside of a request."""
    return dict(request.environ.get("service.context", {})) if has_request_context() else {}


def make_queue(settings: Settings, redis: Redis) -> "Queue":
    """Make the queue; raises SettingsError if RQ has another key prefix already."""
    # RQ reads the prefix when it is imported: https://python-rq.org/docs/ has no other way.
    prefix = os.environ["RQ_KEY_PREFIX"] = f"{settings.key_prefix}rq"
    from rq import Queue
    from rq.defaults import RQ_KEY_PREFIX
    from rq.serializers import JSONSerializer

    from .job import ServiceJob

    if prefix != RQ_KEY_PREFIX:
        raise SettingsError([f"KEY_PREFIX: RQ was imported with the prefix {RQ_KEY_PREFIX}"])
    return Queue(connection=redis, serializer=JSONSerializer, job_class=ServiceJob)


def init_app(app: Flask, settings: Settings) -> None:
    """Attach the queue to the app; it connects on first use."""
    # Jobs are bytes. The client has the time limits of every other command.
    queue = make_queue(settings, connect(settings, decode_responses=False))
    if not ((group := get_group(settings)) and group.is_cluster):
        app.extensions["jobs"] = queue


def connect_worker(settings: Settings) -> WorkerRedis:
    """Make the client of a worker, which waits for jobs; RQ sets its read timeout."""
    limits = {"socket_timeout": None, "socket_keepalive": True, "retry": RECONNECTION}
    return WorkerRedis(connection_pool=make_pool(settings, ConnectionPool.from_url, **limits))


def get_queue() -> "Queue":
    """Return the queue of the current app; raises ValueError for a cluster."""
    if "jobs" not in current_app.extensions:
        # RQ changes keys of several slots in one transaction.
        raise ValueError("REDIS_URL: no jobs in a cluster; name a server or Sentinels")
    return cast("Queue", current_app.extensions["jobs"])
