"""The processes of an instance, wherever they went, and what they were started with."""

from contextlib import suppress

from tests.factors.support.kernel import PROC
from tests.support.service import Service


def environ(pid: int) -> dict[str, str]:
    """Return the variables that a process was started with; none when it is gone, or another's."""
    with suppress(OSError):
        pairs = PROC.joinpath(str(pid), "environ").read_text(errors="replace").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return {}


def command(pid: int) -> list[str]:
    """Return the words that a process was started with, of paths the last part."""
    with suppress(OSError):
        words = PROC.joinpath(str(pid), "cmdline").read_text(errors="replace").split("\0")
        return [word.rpartition("/")[2] for word in words if word]
    return []


def of(service: Service) -> list[int]:
    """Return every process that has the port of an instance, also one that left its session."""
    pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return sorted(pid for pid in pids if environ(pid).get("PORT") == str(service.port))
