"""gunicorn's server hooks: copy-on-write, and the metrics of all workers."""

import gc
import os
import signal
from typing import Any

from ..lifecycle import protect_forks
from ..telemetry import metrics


def on_starting(server: Any) -> None:
    """Choose the folder of the metrics, and protect forks from stop signals."""
    metrics.prepare(server.cfg.worker_tmp_dir)
    protect_forks()


def when_ready(server: Any) -> None:
    """Freeze imported objects: a GC pass in a worker would trigger copy-on-write."""
    gc.freeze()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the lowest free number, and with it the metrics of a dead worker."""
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = min({*range(1, len(taken) + 2)} - taken)


def worker_int(worker: Any) -> None:
    """Stop the server when --reload sees a change: new workers would keep the imported modules."""
    if worker.cfg.reload:
        os.kill(worker.ppid, signal.SIGTERM)


def on_exit(server: Any) -> None:
    """Remove the metrics."""
    metrics.remove()
