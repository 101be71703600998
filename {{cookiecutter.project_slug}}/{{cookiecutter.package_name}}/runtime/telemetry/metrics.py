"""Prometheus metrics of an instance, over all its worker processes."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    Metric,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
blueprint = Blueprint("metrics", __name__)
# Number of this worker, set by server/hooks.py. A new worker takes over the number and the files
# of a dead one: the counts stay, and there are never more files than workers.
worker_number = 0


def share() -> None:
    """Keep the metrics of this process and its children in files of a new folder.

    https://prometheus.github.io/client_python/multiprocess/
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="gunicorn-metrics-")
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: worker_number)


def remove() -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


@cache
def duration() -> Histogram:
    """Return the metric of requests; its count is the number of requests."""
    return Histogram(
        "http_server_request_duration_seconds",
        "Duration of HTTP requests.",
        ["http_request_method", "http_route", "http_response_status_code"],
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )


@cache
def child(method: str, route: str, status: str) -> Histogram:
    """Return the series of these labels; labels() at each request would cost more."""
    return duration().labels(method, route, status)


def observe(method: str, route: str, status: str, seconds: float) -> None:
    """Observe a finished request; unknown methods share a label, so that clients add no series."""
    child(method if method in METHODS else "_OTHER", route, status).observe(seconds)


class AllWorkers(Collector):
    """Collector of the metrics in the files of all workers."""

    def collect(self) -> Iterable[Metric]:
        """Merge the files, without the empty file of a worker that has just started."""
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        files = [str(file) for file in folder.glob("*.db") if file.stat().st_size]
        yield from MultiProcessCollector.merge(files)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the metrics in the text format of Prometheus."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        registry.register(AllWorkers())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Add the route to the app, and register the metric of requests."""
    duration()
    app.register_blueprint(blueprint)
