"""Measure what WAIT for one replica adds to an INCR."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from redis import Redis

from tests.support.sentinels import run_sentinels

COMMANDS, TURNS = 500, 8


def time_commands(redis: Redis, wait: bool) -> float:
    """Return the time (µs) of an INCR, with WAIT for one replica or without."""
    started = time.perf_counter()
    for _ in range(COMMANDS):
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.incr("count")
            if wait:
                pipeline.wait(1, 100)
            pipeline.execute()
    return (time.perf_counter() - started) / COMMANDS * 1e6


def measure_wait(rounds: int) -> tuple[list[str], str]:
    """Return the row of the price of WAIT, and the version of Valkey."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_sentinels(Path(folder)) as group,
        Redis(port=group.primary()) as redis,
    ):
        pairs = [
            [time_commands(redis, wait) for wait in (False, True)] for _ in range(rounds * TURNS)
        ]
        version = redis.info("server")["valkey_version"]
    without, with_wait = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratios = [after / before for before, after in pairs]
    low, ratio, high = statistics.quantiles(ratios, n=4)
    return [f"{without:.0f}", f"{with_wait:.0f}", f"{ratio:.2f} ({low:.2f}–{high:.2f})"], version


def spread(values: Iterable[float], form: str) -> str:
    """Return the median of values, with the extremes in parentheses."""
    numbers = sorted(values)
    texts = [form.format(one) for one in (statistics.median(numbers), numbers[0], numbers[-1])]
    return f"{texts[0]} ({texts[1]}–{texts[2]})"
