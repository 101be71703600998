"""Run a contender, and measure the CPU and memory of its processes from /proc."""

from __future__ import annotations

import os
import re
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.client import Load, start_load
from bench.contender import Contender
from tests.support.service import eventually, free_port

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Running:
    """Running contender, the leader of its own session."""

    contender: Contender
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    start_seconds: float

    def pids(self) -> list[int]:
        """Return the process ids of the session, the leader first."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(fields(stat)[3]) == self.process.pid:  # the session
                    found.append(int(stat.parent.name))
        return sorted(found, key=lambda pid: (pid != self.process.pid, pid))

    def cpu(self) -> float:
        """Return the CPU seconds of all its processes and of their reaped children."""
        words = [fields(Path(f"/proc/{pid}/stat")) for pid in self.pids()]
        return sum(int(number) for word in words for number in word[11:15]) / TICK

    def memory(self) -> tuple[float, float]:
        """Return total PSS and the mean private memory of a worker, in MB."""
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids()]
        private = [kilobytes(rollup, "Private_(?:Clean|Dirty)") for rollup in rollups]
        total = sum(kilobytes(rollup, "Pss") for rollup in rollups)
        return total / 1000, statistics.mean(private[1:] or private) / 1000

    def load(self, connections: int, seconds: float, rate: float = 0, path: str = "/") -> Load:
        """Start a load client in another process; a rate of 0 is a closed loop."""
        return start_load(self.port, path, connections, seconds, rate)

    def is_good(self, path: str = "/") -> bool:
        """Return True if a request is answered with status 200."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 30) as sock:
            sock.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return b" 200 " in sock.recv(20)
        return False


def fields(stat: Path) -> list[str]:
    """Return the fields of /proc/<pid>/stat that follow the name, from the state on."""
    return stat.read_text().rpartition(")")[2].split()


def kilobytes(rollup: str, name: str) -> int:
    """Return the sum (kB) of the lines whose name matches a pattern."""
    return sum(int(number) for number in re.findall(rf"^{name}: +(\d+) kB", rollup, re.MULTILINE))


@contextmanager
def run(
    contender: Contender, redis: Redis, folder: Path, workers: int, threads: int, **extra: str
) -> Iterator[Running]:
    """Start a contender, yield it after its first status 200, and stop it."""
    port, log = free_port(), folder / f"{contender.letter}-{workers}.log"
    url = f"redis://127.0.0.1:{redis.connection_pool.connection_kwargs['port']}/0"
    given = {"REDIS_URL": url, "HOME": str(folder), "TMPDIR": str(folder), **extra}
    environ = contender.environ(port, workers, threads, **given)
    with log.open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            contender.words(port, workers, threads),
            cwd=contender.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    running = Running(contender, process, port, log, 0)
    try:
        while not running.is_good():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < started + 30, log.read_text()
            time.sleep(0.002)
        yield Running(contender, process, port, log, time.monotonic() - started)
    finally:
        end(running)


def end(running: Running) -> None:
    """Send SIGTERM, then SIGKILL to the process group after 10 s."""
    running.process.send_signal(signal.SIGTERM)
    with suppress(AssertionError):
        eventually(lambda: running.process.poll() is not None, 10, lambda: "")
    with suppress(ProcessLookupError):
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
