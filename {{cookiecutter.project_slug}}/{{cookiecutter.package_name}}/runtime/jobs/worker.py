"""Worker of RQ with a heartbeat, a metric and an event for each job, and one queue.

With one queue RQ moves a job to another list while it is executed: a worker that is killed loses none.
https://python-rq.org/docs/workers/
"""

import logging
import time
from contextlib import suppress
from typing import Any

from redis import RedisError
from redis.client import Pipeline
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.job import Job, JobStatus

from . import metrics
from .heartbeat import Heartbeat
from .job import log_fields
from .queue import WorkerRedis

# Between two recoveries of abandoned jobs
MAINTENANCE_SECONDS = 10
# The key of a worker that is killed expires a minute later
WORKER_TTL_SECONDS = 25
# Between two heartbeats of a worker that executes a job
MONITORING_SECONDS = 10
# How long the lock of maintenance outlives a worker that is killed meanwhile
LOCK_SECONDS = 60
OUTCOMES = {JobStatus.FINISHED: "finished", JobStatus.FAILED: "failed"}
log = logging.getLogger(__name__)


class ServiceWorker(Worker):
    """Worker that forks a process for each job, as RQ's Worker does."""

    connection: WorkerRedis
    # Seconds between attempts to reach Redis, at most
    max_connection_wait_time = 5.0
    # Seconds of a wait for a job, which no signal interrupts: Redis may have moved a job already
    dequeue_timeout = 1

    def __init__(self, queue: Queue, connection: WorkerRedis, heartbeat: Heartbeat) -> None:
        self.beats, self.is_stopping = heartbeat, False
        super().__init__(
            [queue],
            connection=connection,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            job_class=queue.job_class,
            job_monitoring_interval=MONITORING_SECONDS,
            log_job_description=False,
            serializer=queue.serializer,
        )

    def bootstrap(self, *args: Any, **options: Any) -> None:
        """Register the worker, and say that it is ready; raises RedisError."""
        super().bootstrap(*args, **options)
        self.beats.ready()
        log.info("waiting for jobs")

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Renew the file, and then the key in Redis; raises RedisError, and StopRequested between jobs."""
        self.beats.beat()
        if self.is_stopping and not self.connection.is_busy:
            raise StopRequested
        super().heartbeat(timeout, pipeline)

    def _shutdown(self) -> None:
        """Finish the job in hand or the wait for one, and stop; raises StopRequested.

        RQ stops at once while its state is not "busy", which it is some time after Redis moved the job:
        that job would wait 80 s for maintenance. Delete this, dequeue_timeout and WorkerRedis when RQ
        finishes each job that it has taken: https://github.com/rq/rq/issues/2079
        """
        self.is_stopping = self._stop_requested = True
        if not self.connection.is_busy:
            raise StopRequested

    def teardown(self) -> None:
        """Remove the worker from Redis; without an answer its key expires."""
        with suppress(RedisError):
            super().teardown()  # type: ignore[no-untyped-call]

    def clean_registries(self) -> None:
        """Recover abandoned jobs, which a signal does not interrupt; raises RedisError."""
        self.connection.is_busy = True
        try:
            for queue in self.queues:
                # A worker that was killed meanwhile would keep the lock of maintenance for 15 minutes.
                if self.connection.ttl(queue.registry_cleaning_key) > LOCK_SECONDS:
                    self.connection.expire(queue.registry_cleaning_key, LOCK_SECONDS)
            super().clean_registries()  # type: ignore[no-untyped-call]
        finally:
            self.connection.is_busy = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Execute a job, and log and observe its outcome; raises RedisError."""
        begin = time.monotonic()
        super().execute_job(job, queue)
        seconds = time.monotonic() - begin
        outcome = find_outcome(job)
        extra = {"job.outcome": outcome, "duration_ms": round(seconds * 1000, 3)}
        log.info("job", extra=log_fields(job) | extra)
        metrics.DURATION.labels(str(job.func_name), outcome).observe(seconds)
        self.connection.is_busy = False


def find_outcome(job: Job) -> str:
    """Return what an execution led to: finished, failed, or another attempt."""
    try:
        return OUTCOMES.get(job.get_status(), "retried")
    except InvalidJobOperation:
        return "dropped"
