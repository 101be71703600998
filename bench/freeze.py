"""Measure the service while Redis is frozen: it accepts connections and does not answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from redis import Redis

from bench.client import compute_milliseconds, compute_quantile, select_latencies
from bench.processes import Running
from tests.support.service import eventually

Start = Callable[..., AbstractContextManager[Running]]
FREEZE_SECONDS = 10.0
TIMEOUT_SECONDS = 1.0  # REDIS_TIMEOUT; the circuit opens after it


@contextmanager
def freeze_redis(redis: Redis) -> Iterator[None]:
    """Stop the process of Redis with SIGSTOP, and continue it."""
    pid = redis.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def measure_freeze(start: Start, redis: Redis) -> dict[str, float]:
    """Measure the responses while Redis is frozen under load, and after it continues."""
    with start(REDIS_TIMEOUT=f"{TIMEOUT_SECONDS}s") as running:
        normal = running.load(16, 2).result()
        asked = redis.info("stats")["total_commands_processed"]
        seconds = FREEZE_SECONDS + 3
        visits, probes = running.load(16, seconds), running.load(1, seconds, 20, "/livez")
        eventually(
            lambda: redis.info("stats")["total_commands_processed"] > asked + 1000,
            20,
            running.log.read_text,
        )
        with freeze_redis(redis):
            stopped = time.perf_counter()
            time.sleep(FREEZE_SECONDS)
        back = time.perf_counter()
        seen, probed = visits.result(), probes.result()
    during = select_latencies(seen, stopped, back)
    unaware = select_latencies(probed, stopped, stopped + TIMEOUT_SECONDS)
    aware = select_latencies(probed, stopped + TIMEOUT_SECONDS, back)
    ends = [(seen["start"] + due + abs(wait) - back, wait >= 0) for due, wait in seen["waits"]]
    after = [(at, good) for at, good in ends if at >= 0]
    first = min(at for at, good in after if good)
    return {
        "REDIS_TIMEOUT, s": TIMEOUT_SECONDS,
        "normal: median, ms": compute_milliseconds(normal, 0.5),
        "Redis frozen: longest request, s": during[-1],
        "Redis frozen: median, ms": compute_quantile(during, 0.5) * 1000,
        "Redis frozen: /livez longest in the first second, s": unaware[-1],
        "Redis frozen: /livez p99 after it, ms": compute_quantile(aware, 0.99) * 1000,
        "Redis frozen: /livez longest after it, ms": aware[-1] * 1000,
        "Redis back: first good answer, s": first,
        "Redis back: last error, s": max((at for at, good in after if not good), default=0.0),
    }
