"""Configure gunicorn for contender h: one folder for the metrics of all workers."""

from __future__ import annotations

import os
import tempfile
from typing import Any

# Set before the workers import prometheus_client, which reads it then.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="usual-metrics-")


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
