"""Measure jobs of the service beside bare RQ, for docs/performance.md.

Run as `python -m bench.jobs [ROUNDS]`. Both take turns with the same Redis, the same job (one INCR) and the
same number of workers, and a ratio compares them in the same round. With ROUNDS, the page stays as it is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from redis import Redis

from bench.crews import WORKERS, Crew, list_crews, read_cpu
from bench.page import format_table, write_between
from bench.report import describe_machine
from bench.speed import redis_server
from bench.targets import Figures, compute_ratio, compute_spread
from tests.support.service import eventually

ROUNDS, ENQUEUED, EXECUTED, WARM = 9, 2000, 300, 30
FIGURES = {
    "enqueued per second": "{:,.0f}",
    "CPU per enqueued job, µs": "{:,.0f}",
    "executed per second": "{:,.0f}",
    "CPU per executed job, ms": "{:.1f}",
}


def measure_work(crew: Crew, redis: Redis, folder: Path) -> dict[str, float]:
    """Let the workers of a crew execute jobs, and return the figures."""
    crew.enqueue(redis, folder, EXECUTED)

    def count() -> int:
        return int(redis.get(crew.key) or 0)

    with crew.work(redis, folder) as pids:
        eventually(lambda: count() >= WARM, 30)
        done, cpu, began = count(), read_cpu(pids), time.perf_counter()
        eventually(lambda: count() == EXECUTED, 120)
        seconds, cpu = time.perf_counter() - began, read_cpu(pids) - cpu
    return {
        "executed per second": (EXECUTED - done) / seconds,
        "CPU per executed job, ms": cpu / (EXECUTED - done) * 1e3,
    }


def measure(crews: list[Crew], redis: Redis, folder: Path, rounds: int) -> Figures:
    """Measure the crews in turns."""
    figures: Figures = defaultdict(lambda: defaultdict(list))
    for number in range(rounds):
        print(f"  round {number + 1} of {rounds}", file=sys.stderr)
        for crew in crews if number % 2 else crews[::-1]:
            redis.flushall()
            found = crew.enqueue(redis, folder, ENQUEUED)
            redis.flushall()
            for name, value in (found | measure_work(crew, redis, folder)).items():
                figures[crew.name][name].append(value)
    return figures


def format_figures(figures: Figures, crews: list[Crew]) -> str:
    """Return the table with the medians, and the ratio of the last crew to the first."""
    base, ours = (crew.name for crew in crews)
    rows = [
        [
            name,
            *(form.format(compute_spread(figures[one][name]).median) for one in (base, ours)),
            str(compute_ratio(figures, name, ours, base)),
        ]
        for name, form in FIGURES.items()
    ]
    return format_table([f"{WORKERS} workers, medians", base, ours, "ratio"], rows)


def main(rounds: str = "") -> None:
    """Print the table, and write it to docs/performance.md unless rounds are given."""
    with tempfile.TemporaryDirectory() as folder, redis_server() as redis:
        crews = list_crews(Path(folder))
        figures = measure(crews, redis, Path(folder), int(rounds or ROUNDS))
        machine = describe_machine(redis.info("server")["valkey_version"])
    text = f"{machine}\n\n{format_figures(figures, crews)}"
    print(text)
    if not rounds:
        write_between("jobs", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
