"""Processes that outlive their instance, because they have a group of their own."""

import os
import signal
from collections.abc import Iterable

from tests.factors.support import procfs
from tests.support.service import Service, eventually


def check_nothing_is_left(services: Iterable[Service], within: float = 5) -> None:
    """Wait until no process of ended instances is left; raises AssertionError, and kills the rest."""

    def list_left() -> list[int]:
        return [pid for service in services for pid in procfs.list_instance(service)]

    if procfs.PROC.joinpath("self").exists():
        try:
            eventually(lambda: not list_left(), within, list_left)
        finally:
            for pid in list_left():
                os.kill(pid, signal.SIGKILL)
