"""Metrics of a worker: its jobs, the queue, and what the features count in jobs."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    Metric,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import RedisError
from rq import Queue
from rq.utils import now

from ..host import temporary_folder, wildcard
from ..telemetry import metrics

disable_created_metrics()
# Number of the files with the metrics of this process; those of its jobs have another.
OWN_FILE = 0
# Has the state of the queue, and the files of this process and its jobs.
REGISTRY = CollectorRegistry()
# Its count is the number of executions.
DURATION = Histogram(
    "job_duration_seconds",
    "Duration of executions of jobs.",
    ["job_function", "job_outcome"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 60, 300),
    registry=None,  # REGISTRY has its values from the files
)
log = logging.getLogger(__name__)


class QueueCollector(Collector):
    """Collector of the state of the queue, which is the same for every worker."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def collect(self) -> Iterable[Metric]:
        """Ask Redis for the state; without an answer there is none."""
        try:
            length, failed = len(self.queue), self.queue.failed_job_registry.count
            oldest = self.queue.get_jobs(0, 1)
        except RedisError as error:
            log.warning("queue not observed", extra={"exception.message": str(error)})
            return
        times = [job.enqueued_at for job in oldest if job.enqueued_at]
        age = (now() - times[0]).total_seconds() if times else 0.0
        yield GaugeMetricFamily("jobs_queued", "Jobs that wait.", length)
        yield GaugeMetricFamily("jobs_oldest_age_seconds", "Age of the oldest job that waits.", age)
        yield GaugeMetricFamily("jobs_failed", "Jobs without an attempt left.", failed)


@contextmanager
def served(queue: Queue, port: int) -> Iterator[None]:
    """Serve /metrics meanwhile; a port that is in use ends no worker."""
    metrics.prepare(temporary_folder())
    metrics.share(OWN_FILE)
    REGISTRY.register(metrics.all_workers)
    REGISTRY.register(QueueCollector(queue))
    try:
        start_http_server(port, wildcard().strip("[]"), REGISTRY)
    except OSError as error:
        log.warning("metrics are off", extra={"exception.message": str(error), "port": port})
    try:
        yield
    finally:
        metrics.remove()
