"""Values of metrics in memory, and in files that all workers of an instance read.

prometheus_client's own class for such files has to be set before the first metric is made, and an error of
the file system ends the request that counts (no issue found). Delete this module when neither is true.
https://prometheus.github.io/client_python/multiprocess/
"""

import logging
import threading
from pathlib import Path
from typing import Any, ClassVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Summary, values
from prometheus_client.mmap_dict import mmap_key

from .allocated_dict import AllocatedDict

log = logging.getLogger(__name__)


class SharedValue(values.MutexValue):
    """Value in memory, which is authoritative, and in a file of the worker while that can be written."""

    files: ClassVar["WorkerFiles"]

    def __init__(
        self, typ: str, metric: str, *names: Any, multiprocess_mode: str = "", **options: Any
    ) -> None:
        super().__init__(typ, metric, *names, **options)
        self.kind = f"{typ}_{multiprocess_mode}" if typ == "gauge" else typ
        self.key = mmap_key(metric, *names)
        self.timestamp = 0.0
        self._value = self.files.add(self)

    def inc(self, amount: float) -> None:
        """Add to the value."""
        super().inc(amount)
        self.files.write(self)

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Set the value."""
        super().set(value)
        self.timestamp = timestamp or 0.0
        self.files.write(self)


class WorkerFiles:
    """Files of a worker, one for each kind of metric; the next worker of its number continues them."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number
        self.files: dict[str, AllocatedDict] = {}
        self.values: list[SharedValue] = []
        self.lock = threading.RLock()
        self.failed = False

    def add(self, value: SharedValue) -> float:
        """Add a value, and return the number at which it continues."""
        with self.lock:
            self.values.append(value)
            try:
                number, _ = self.open(value.kind).read_value(value.key)
            except OSError as error:
                self.fail(error)
                number = 0.0
            return float(number)

    def write(self, value: SharedValue) -> None:
        """Write a value; where that fails, the next write of the value tries again."""
        with self.lock:
            try:
                self.open(value.kind).write_value(value.key, value.get(), value.timestamp)
            except OSError as error:
                self.fail(error)

    def open(self, kind: str) -> AllocatedDict:
        """Return the file of a kind of metric, made again if it was removed; raises OSError."""
        file = self.files.get(kind)
        if file is None or file.is_removed():
            file = AllocatedDict(self.folder / f"{kind}_{self.number}.db")
            if removed := self.files.pop(kind, None):
                removed.close()
                for value in [value for value in self.values if value.kind == kind]:
                    file.write_value(value.key, value.get(), value.timestamp)
            self.files[kind] = file
        return file

    def fail(self, error: OSError) -> None:
        """Log the first error of this worker."""
        if not self.failed:
            self.failed = True
            fields = {"exception.type": type(error).__name__, "exception.message": str(error)}
            log.warning("metrics are off until their files can be written", extra=fields)


def share(folder: Path, number: int) -> None:
    """Keep the metrics of this process in files, with those that modules made at their import."""
    SharedValue.files = WorkerFiles(folder, number)
    values.ValueClass = SharedValue
    for metric in list(REGISTRY._collector_to_names):
        if isinstance(metric, Counter | Gauge | Histogram | Summary):
            for one in (metric, *getattr(metric, "_metrics", {}).values()):
                if one._is_observable():
                    make_again(one)


def make_again(metric: Any) -> None:
    """Make the values of a metric of the present class, and keep what a counter or gauge has in no file."""
    before = getattr(metric, "_value", None)
    metric._metric_init()
    if before and not isinstance(before, SharedValue) and (number := before.get()):
        metric.set(number) if isinstance(metric, Gauge) else metric.inc(number)
