"""File of metric values without holes: writing to a hole through mmap is SIGBUS when the disk is full."""

import os
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

FILE_BYTES = 64 * 1024
# Bytes of an entry beside its key: length, padding, value and timestamp.
ENTRY_BYTES = 32


class AllocatedDict(MmapedDict):
    """prometheus_client's file of values; what it cannot allocate is an OSError.

    Delete this class when prometheus_client allocates the file itself (no issue found).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("ab") as file:
            if not file.tell():
                allocate(file.fileno(), FILE_BYTES)
        super().__init__(str(path))

    def _init_value(self, key: str) -> None:
        if self._used + len(key.encode()) + ENTRY_BYTES > self._capacity:
            allocate(self._f.fileno(), self._capacity * 2)
        super()._init_value(key)

    def is_removed(self) -> bool:
        """Return True if the file has no name any more."""
        return os.fstat(self._f.fileno()).st_nlink == 0


def allocate(descriptor: int, size: int) -> None:
    """Allocate the first bytes of a file, where the system can; raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
