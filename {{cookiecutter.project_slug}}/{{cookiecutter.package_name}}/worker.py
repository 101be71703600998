"""The worker process: python -m {{ cookiecutter.package_name }}.worker."""

import logging
import signal
import sys
import time
from collections.abc import Callable

from flask import current_app
from redis import RedisError

from . import create_app
from .runtime import startup
from .runtime.backing.connect import get_redis
from .runtime.backing.registry import failed_service
from .runtime.jobs.queue import connect_worker, get_queue, make_queue
from .runtime.settings import Settings
from .runtime.web.errors import log_outage

RETRY_SECONDS = 1
log = logging.getLogger(__package__)


def main() -> int:
    """Execute jobs until SIGTERM or SIGINT; return the exit status."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: sys.exit(0))
    settings = startup.configure()
    with create_app().app_context():
        return work(settings)


def work(settings: Settings) -> int:
    """Wait for Redis, and execute jobs; return 0 after a signal, and 1 when RQ ended after an error."""
    # RQ knows the key prefix only after create_app().
    from .runtime.jobs import job, metrics, worker
    from .runtime.jobs.heartbeat import Heartbeat

    for handler in logging.getLogger().handlers:
        handler.addFilter(job.add_fields)
    logging.getLogger("rq.worker").addFilter(job.has_no_arguments)
    try:
        queue = get_queue()
    except ValueError as problem:
        log.critical("configuration refused", extra={"problems": [str(problem)]})
        return 1
    heartbeat = Heartbeat()
    with metrics.served(queue, settings.port), heartbeat:
        wait_for_redis(heartbeat.beat)
        connection = connect_worker(settings)
        one = worker.ServiceWorker(make_queue(settings, connection), connection, heartbeat)
        # RQ's INFO is three events for each job, and its DEBUG has results.
        quiet = settings.log_level in ("DEBUG", "INFO")
        one.work(logging_level="WARNING" if quiet else settings.log_level)
        return int(not one.is_stopping)


def wait_for_redis(beat: Callable[[], None]) -> None:
    """Wait until Redis answers; a heartbeat follows each attempt."""
    while True:
        try:
            get_redis().ping()
        except RedisError as error:
            if service := failed_service(current_app, error):
                log_outage(service, error)
        else:
            return
        beat()
        time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
