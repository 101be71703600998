"""Prometheus metrics of an instance, over all its worker processes."""

import secrets
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from . import shared_values

METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
# Its count is the number of requests.
DURATION = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
blueprint = Blueprint("metrics", __name__)


class AllWorkers(Collector):
    """Collector of the metrics in the files of all workers of an instance."""

    folder: Path | None = None

    def collect(self) -> Iterable[Metric]:
        """Merge the files."""
        yield from MultiProcessCollector.merge(self.files())

    def files(self) -> list[str]:
        """Return the files, without the empty file of a worker that has just started."""
        paths = self.folder.glob("*.db") if self.folder else ()
        return [str(path) for path in paths if path.stat().st_size]


all_workers = AllWorkers()


def prepare(parent: str) -> None:
    """Choose the folder of the metrics; a worker that writes a metric makes it."""
    all_workers.folder = Path(parent) / f"gunicorn-metrics-{secrets.token_hex(8)}"


def share(number: int) -> None:
    """Keep the metrics of this process in the files of a worker, without the live gauges of the last one."""
    if all_workers.folder:
        mark_process_dead(number, str(all_workers.folder))
        shared_values.share(all_workers.folder, number)


def remove() -> None:
    """Remove the folder of the metrics."""
    if all_workers.folder:
        shutil.rmtree(all_workers.folder, ignore_errors=True)


@cache
def child(method: str, route: str, status: str) -> Histogram:
    """Return the series of these labels; labels() at each request would cost more."""
    return DURATION.labels(method, route, status)


def observe(method: str, route: str, status: str, seconds: float) -> None:
    """Observe a finished request; unknown methods share a label, so that clients add no series."""
    child(method if method in METHODS else "_OTHER", route, status).observe(seconds)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the metrics in the text format of Prometheus."""
    registry = REGISTRY
    if all_workers.folder:
        if not all_workers.files():
            abort(503, "The files of the metrics cannot be written; the log has the reason.")
        registry = CollectorRegistry()
        registry.register(all_workers)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Add the route to the app."""
    app.register_blueprint(blueprint)
