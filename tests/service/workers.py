"""Workers of a service that runs; Linux only."""

from __future__ import annotations

import os
import signal

from tests.support.service import Service, eventually


def wait_for_workers(service: Service, number: int = 2) -> list[int]:
    """Return the process ids of the workers when their number is reached, oldest first."""
    eventually(lambda: len(service.workers()) == number, 10, service.log.read_text)
    return service.workers()


def kill_worker(service: Service) -> None:
    """Kill the oldest worker, and wait for its replacement."""
    oldest, *others = service.workers()
    os.kill(oldest, signal.SIGKILL)
    eventually(
        lambda: len(set(service.workers()) - {oldest}) > len(others), 10, service.log.read_text
    )
