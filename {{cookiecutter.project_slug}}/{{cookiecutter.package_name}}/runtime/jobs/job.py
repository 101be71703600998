"""Job as RQ stores it, executed in the context of the app and logged with its id."""

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from flask import current_app
from rq.job import Job

from ..telemetry import metrics

# Number of the files with the metrics of jobs: a worker executes one job at a time.
METRICS_FILE = 1
log = logging.getLogger(__name__)
fields: ContextVar[Mapping[str, str] | None] = ContextVar("fields", default=None)


class ServiceJob(Job):
    """Job of this service; RQ calls perform() in a process forked for the job."""

    def perform(self) -> Any:
        """Execute the job in a context of its own, and log its failure; raises what the job raises."""
        token = fields.set(log_fields(self))
        try:
            with current_app.app_context():
                metrics.share(METRICS_FILE)
                return super().perform()
        except Exception:
            log.exception("job raised an exception")
            raise
        finally:
            fields.reset(token)


def log_fields(job: Job) -> dict[str, str]:
    """Return the log fields of a job: those of the request that enqueued it, its id and function."""
    return {**job.meta, "job_id": job.id, "job.function": str(job.func_name)}


def add_fields(record: logging.LogRecord) -> bool:
    """Add the fields of the running job to a log record; a filter of the handlers."""
    vars(record).update(fields.get() or {})
    return True


def has_no_arguments(record: logging.LogRecord) -> bool:
    """Return False for RQ's record of a failed job, which repeats its arguments: they may be secret."""
    return not hasattr(record, "arguments")
