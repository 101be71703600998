"""Measure contenders in turns: load, time to start, and memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

from redis import Redis

from bench.client import compute_quantile
from bench.contender import Contender
from bench.processes import Running
from bench.targets import Figures

SECONDS = 2.0
REQUESTS_PER_SECOND, PACED = 300.0, "befh"  # the contenders measured at a steady rate


def measure_burst(
    running: Running, redis: Redis, connections: int, rate: float = 0
) -> dict[str, float]:
    """Return the figures per request of one round, and its latencies in milliseconds."""
    cpu, log = running.cpu(), running.log.stat().st_size
    before = redis.info("stats")
    result = running.load(connections, SECONDS, rate).result()
    after = redis.info("stats")
    requests, waits = len(result["waits"]), result["good"]
    assert len(waits) == requests, (running.contender.name, result["statuses"])
    spent = {name: after[name] - before[name] for name in before if name.startswith("total_")}
    return {
        "requests per second": requests / result["seconds"],
        "CPU": (running.cpu() - cpu) / requests * 1e6,
        "p50": compute_quantile(waits, 0.5) * 1000,
        "p99": compute_quantile(waits, 0.99) * 1000,
        "log bytes": (running.log.stat().st_size - log) / requests,
        "Redis commands": (spent["total_commands_processed"] - 1) / requests,
        "Redis bytes": (spent["total_net_input_bytes"] + spent["total_net_output_bytes"])
        / requests,
        "Redis connections": spent["total_connections_received"] / requests,
    }


def take_turns(contenders: list[Contender], rounds: int) -> Iterator[Contender]:
    """Yield the contenders round by round, each round starting with the next one."""
    for number in range(rounds):
        first = number % len(contenders)
        print(f"  round {number + 1} of {rounds}", file=sys.stderr)
        yield from contenders[first:] + contenders[:first]


def record(figures: Figures, letter: str, found: dict[str, float], suffix: str) -> None:
    """Append the figures of a round, their names with a suffix."""
    for name, value in found.items():
        figures[letter][name + suffix].append(value)


def measure_load(figures: Figures, all_running: list[Running], redis: Redis, rounds: int) -> None:
    """Measure at 16 and 2 connections, and at a steady rate."""
    by_contender = {running.contender: running for running in all_running}
    for running in all_running:  # warm up every thread
        running.load(16, 1).result()
    for connections, rate in ((16, 0.0), (2, 0.0), (8, REQUESTS_PER_SECOND)):
        suffix = f" at {rate:.0f}/s" if rate else f" at {connections}"
        print(f"Load{suffix}", file=sys.stderr)
        asked = [one for one in by_contender if not rate or one.letter in PACED]
        for contender in take_turns(asked, rounds):
            found = measure_burst(by_contender[contender], redis, connections, rate)
            record(figures, contender.letter, found, suffix)


def measure_start(
    figures: Figures,
    contenders: list[Contender],
    rounds: int,
    start: Callable[..., AbstractContextManager[Running]],
) -> None:
    """Measure the time to the first status 200, and the memory with 1, 2 and 4 workers."""
    print("Start and memory", file=sys.stderr)
    plan = [(contender, 2) for contender in take_turns(contenders, min(rounds, 5))]
    plan += [(contender, workers) for contender in contenders for workers in (1, 4)]
    for contender, workers in plan:
        with ExitStack() as stack:
            running = stack.enter_context(start(contender, workers))
            running.load(16, 0.5).result()
            total, private = running.memory()
            found = {"PSS": total, "private": private}
            record(figures, contender.letter, found, f" at {workers}")
            if workers == 2:
                record(figures, contender.letter, {"start": running.start_seconds}, "")
