"""What an instance holds: memory, descriptors, threads and files of metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.factors.support import procfs
from tests.factors.support.instance import Instance

PRIVATE = re.compile(r"^Private_\w+: +(\d+) kB$", re.MULTILINE)


class Held(NamedTuple):
    """Resources of the processes of an instance; memory in KiB, files in bytes."""

    workers: list[int]
    memory: int
    descriptors: int
    threads: int
    files: int
    file_bytes: int

    @classmethod
    def by(cls, service: Instance) -> Held:
        """Return what an instance holds now; Linux only."""
        pids = [service.process.pid, *service.workers()]
        folder = Path(service.environ["TMPDIR"])
        sizes = [path.stat().st_size for path in folder.glob("gunicorn-metrics-*/*")]
        return cls(
            workers=sorted(service.workers()),
            memory=sum(map(read_private_kib, pids)),
            descriptors=sum(len(procfs.read_descriptors(pid)) for pid in pids),
            threads=sum(map(procfs.count_threads, pids)),
            files=len(sizes),
            file_bytes=sum(sizes),
        )

    def rows(self, first: Held) -> Iterator[tuple[str, str, str]]:
        """Return a name and two texts for each resource."""
        for name, before, after in zip(self._fields, first, self, strict=True):
            if isinstance(before, int) and isinstance(after, int):
                unit = {"memory": " KiB", "file_bytes": " bytes"}.get(name, "")
                shown = name.replace("file_bytes", "size of the files")
                yield shown, f"{before:,}{unit}", f"{after:,}{unit}"

    def compare(self, first: Held, most: float) -> list[str]:
        """Return a problem for each resource of which more is held than at first."""
        problems = []
        if self.workers != first.workers:
            problems.append(f"workers {first.workers} became {self.workers}")
        if self.memory > first.memory * most:
            problems.append(f"memory grew by more than a factor of {most}")
        for name in ("descriptors", "threads", "files", "file_bytes"):
            before, after = getattr(first, name), getattr(self, name)
            if after > before:
                problems.append(f"{name} grew from {before} to {after}")
        return problems


def read_private_kib(pid: int) -> int:
    """Return the private memory of a process in KiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(map(int, PRIVATE.findall(text)))
