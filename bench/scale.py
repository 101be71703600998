"""Measure what an instance needs, and compute from it what a fleet needs, for docs/scale.md.

Run as `python -m bench.scale`; needs 8,200 file descriptors.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from redis import Redis

from bench.contender import bake_service
from bench.page import SCALE, write_between
from bench.processes import run
from bench.redis_cost import measure_cost, read_cpu
from bench.report import describe_machine
from bench.scale_tables import (
    Request,
    format_fleets,
    format_measured,
    format_million,
    format_recoveries,
)
from bench.speed import THREADS, WORKERS, redis_server
from tests.support.environment import ROOT
from tests.support.service import get

CONNECTIONS, SECONDS = 16, 10


def measure_request(redis: Redis, folder: Path) -> Request:
    """Measure an instance under load."""
    ours = bake_service(ROOT, folder / "ours", "e", "our service")
    with run(ours, redis, folder, WORKERS, THREADS) as running:
        running.load(CONNECTIONS, 1).result()
        size, cpu, server = running.log.stat().st_size, running.cpu(), read_cpu(redis)
        answered = len(running.load(CONNECTIONS, SECONDS).result()["good"])
        cpu, server = running.cpu() - cpu, read_cpu(redis) - server
        log = running.log.read_bytes()[size:]
        metrics = get(f"http://127.0.0.1:{running.port}/metrics").body
    return Request(
        cpu=cpu * 1e6 / answered,
        redis_cpu=server / answered,
        log=len(log) / answered,
        compressed_log=len(gzip.compress(log)) / answered,
        metrics=len(metrics),
        series=sum(not line.startswith("#") for line in metrics.splitlines()),
    )


def main() -> None:
    """Print the tables, and write them to docs/scale.md."""
    with tempfile.TemporaryDirectory() as folder, redis_server() as redis:
        one = measure_request(redis, Path(folder))
        costs = [measure_cost(redis, number) for number in (16, 1_000, 8_000)]
        machine = describe_machine(redis.info("server")["valkey_version"])
    for what, text in {
        "measurement": f"{machine}\n\n{format_measured(one, costs)}",
        "fleets": format_fleets(one, costs),
        "million": format_million(one),
        "recoveries": format_recoveries(),
    }.items():
        print(text)
        write_between(what, text, SCALE)


if __name__ == "__main__":
    main()
