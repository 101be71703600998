"""Prometheus metrics of an instance, all its worker processes together."""

import os
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

from .settings import Settings

METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
blueprint = Blueprint("metrics", __name__)
# Set in each worker by gunicorn.conf.py. The numbers are used again when workers are replaced, so
# there are never more files than workers, and what a dead worker counted stays counted.
worker_number = 0


def share(folder: str) -> None:
    """Keep the metrics of this process and of those it forks in files in a folder.

    https://prometheus.github.io/client_python/multiprocess/
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: worker_number)


@cache
def duration() -> Histogram:
    """Return the one metric; its number of observations is the number of requests."""
    return Histogram(
        "http_server_request_duration_seconds",
        "Duration of HTTP requests.",
        ["http_request_method", "http_route", "http_response_status_code"],
        buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    )


@cache
def child(method: str, route: str, status: str) -> Histogram:
    """Return the series of these labels; finding it anew for each request would cost more."""
    return duration().labels(method, route, status)


def observe(method: str, route: str, status: str, seconds: float) -> None:
    """Count a finished request; every unknown method counts as one, so that clients add no series."""
    child(method if method in METHODS else "_OTHER", route, status).observe(seconds)


class AllWorkers(Collector):
    """The metrics in the files of all workers."""

    def collect(self) -> Iterable[Metric]:
        """Read them; the file that a new worker is about to fill is still empty, which is no error."""
        folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        files = [str(file) for file in folder.glob("*.db") if file.stat().st_size]
        yield from MultiProcessCollector.merge(files)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with the metrics in the text format of Prometheus."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        registry.register(AllWorkers())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the metrics."""
    duration()
    app.register_blueprint(blueprint)
