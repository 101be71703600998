"""Crews: workers of the service and of bare RQ, and clients that enqueue their jobs."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench.contender import CONTENDERS, OWN, bake
from bench.processes import TICK, fields
from tests.support.environment import ROOT, environment
from tests.support.service import free_port

WORKERS = 2
JOB = '''\
"""Job of the measurement; `python -m visit_counter.measured NUMBER` enqueues a number of them."""

import sys
import time

from . import create_app
from .runtime.backing.connect import get_redis
from .runtime.jobs.queue import enqueue


def count():
    get_redis().incr("service:jobs")


if __name__ == "__main__":
    from .measured import count

    with create_app().app_context():
        cpu, began = time.process_time(), time.perf_counter()
        for _ in range(int(sys.argv[1])):
            enqueue(count)
        print(time.process_time() - cpu, time.perf_counter() - began)
'''


@dataclass(frozen=True)
class Crew:
    """Workers of a contender, and the key that their jobs count in."""

    name: str
    folder: Path
    client: tuple[str, ...]
    worker: tuple[str, ...]
    key: str

    def environ(self, redis: Redis, folder: Path) -> dict[str, str]:
        """Return the environment of its processes, with a temporary folder."""
        url = f"redis://127.0.0.1:{redis.connection_pool.connection_kwargs['port']}/0"
        given = {"REDIS_URL": url, "SECRET_KEY": "0123456789abcdef" * 4, "PORT": str(free_port())}
        return environment(**given, PATH=f"{OWN}:{os.environ['PATH']}", TMPDIR=str(folder))

    def enqueue(self, redis: Redis, folder: Path, number: int) -> dict[str, float]:
        """Enqueue a number of jobs, and return the figures."""
        words = [*self.client, str(number)]
        environ = self.environ(redis, folder)
        output = subprocess.check_output(words, cwd=self.folder, env=environ, encoding="utf-8")
        cpu, seconds = map(float, output.split())
        return {
            "enqueued per second": number / seconds,
            "CPU per enqueued job, µs": cpu / number * 1e6,
        }

    @contextmanager
    def work(self, redis: Redis, folder: Path) -> Iterator[list[int]]:
        """Run the workers during a block, and yield their process ids."""
        processes = []
        for number in range(WORKERS):
            (own := folder / str(number)).mkdir(exist_ok=True)
            with (own / "log").open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        self.worker,
                        cwd=self.folder,
                        env=self.environ(redis, own),
                        stdout=log,
                        stderr=log,
                    )
                )
        try:
            yield [process.pid for process in processes]
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(timeout=30)


def read_cpu(pids: list[int]) -> float:
    """Return the CPU seconds of processes and of their reaped children."""
    words = [fields(Path(f"/proc/{pid}/stat")) for pid in pids]
    return sum(int(number) for word in words for number in word[11:15]) / TICK


def list_crews(folder: Path) -> list[Crew]:
    """Return bare RQ and the service, which is rendered in a folder."""
    project = bake(ROOT, folder / "ours", worker="yes")
    project.write("visit_counter/measured.py", JOB)
    bare, package = ("python", "bare_jobs.py"), ("python", "-m", "visit_counter")
    return [
        Crew("bare RQ", CONTENDERS, (*bare, "enqueue"), (*bare, "work"), "bare:jobs"),
        Crew(
            "the service",
            project.path,
            (*package[:-1], "visit_counter.measured"),
            (*package[:-1], "visit_counter.worker"),
            "service:jobs",
        ),
    ]
