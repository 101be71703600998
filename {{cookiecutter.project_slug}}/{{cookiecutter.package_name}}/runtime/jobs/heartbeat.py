"""Heartbeat of a worker: a file whose timestamp is its last sign of life, and whose text its state."""

from contextlib import suppress
from pathlib import Path
from typing import Self

from ..host import temporary_folder
from ..version import NAME

READY = "ready"


class Heartbeat:
    """File of the heartbeat, which heartbeat.py of the image reads."""

    def __init__(self) -> None:
        self.path = Path(temporary_folder()) / f"{NAME}-heartbeat"
        self.text = ""

    def __enter__(self) -> Self:
        """Make the file."""
        self.beat()
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def beat(self) -> None:
        """Renew the timestamp; a disk that is full ends no job."""
        with suppress(OSError):
            self.path.write_text(self.text)

    def ready(self) -> None:
        """Say that the worker waits for jobs."""
        self.text = READY
        self.beat()
