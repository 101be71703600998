"""Worker of RQ with a heartbeat, a metric and an event for each job, and one queue.

With one queue RQ moves a job to another list while it is executed: a worker that is killed loses none.
https://python-rq.org/docs/workers/
"""

import logging
import time
from types import FrameType
from typing import Any

from redis.client import Pipeline
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job, JobStatus

from . import metrics
from .heartbeat import Heartbeat
from .job import log_fields

# How long an idle worker waits for a job before its next heartbeat: RQ subtracts 15 s from the TTL
IDLE_SECONDS = 10
WORKER_TTL_SECONDS = IDLE_SECONDS + 15
# Between two heartbeats of a worker that executes a job
MONITORING_SECONDS = 10
OUTCOMES = {JobStatus.FINISHED: "finished", JobStatus.FAILED: "failed"}
log = logging.getLogger(__name__)


class ServiceWorker(Worker):
    """Worker that forks a process for each job, as RQ's Worker does."""

    # Seconds between attempts to reach Redis, at most
    max_connection_wait_time = 5.0

    def __init__(self, queue: Queue, connection: Any, heartbeat: Heartbeat) -> None:
        self.beats, self.is_stopping = heartbeat, False
        super().__init__(
            [queue],
            connection=connection,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=IDLE_SECONDS,
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
        """Renew the file, and then the key in Redis; raises RedisError."""
        self.beats.beat()
        super().heartbeat(timeout, pipeline)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the job in hand, and stop."""
        self.is_stopping = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def set_shutdown_requested_date(self) -> None:
        """Store no date: the handler of a signal would wait for a Redis that is silent."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Execute a job, and log and observe its outcome; raises RedisError."""
        begin = time.monotonic()
        super().execute_job(job, queue)
        seconds = time.monotonic() - begin
        outcome = find_outcome(job)
        extra = {"job.outcome": outcome, "duration_ms": round(seconds * 1000, 3)}
        log.info("job", extra=log_fields(job) | extra)
        metrics.DURATION.labels(str(job.func_name), outcome).observe(seconds)


def find_outcome(job: Job) -> str:
    """Return what an execution led to: finished, failed, or another attempt."""
    try:
        return OUTCOMES.get(job.get_status(), "retried")
    except InvalidJobOperation:
        return "dropped"
