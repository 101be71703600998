"""Measure the service with a frozen Redis, under overload and over restarts of its workers."""

from __future__ import annotations

import os
import re
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from bench_processes import Running, quantile
from redis import Redis
from running import eventually, get

Start = Callable[..., AbstractContextManager[Running]]
FREEZE_SECONDS, RESTARTS = 10.0, 100
PROCESSES = 3  # gunicorn's master and two workers
PROBES = ("/metrics", "/livez", "/readyz")
TIMEOUT_SECONDS = 1.0  # REDIS_TIMEOUT; the circuit opens after it


def milliseconds(result: dict[str, Any], part: float) -> float:
    """Return a quantile of the latency of all responses, of any status, in milliseconds."""
    return quantile(sorted(abs(wait) for _, wait in result["waits"]), part) * 1000


def latencies(result: dict[str, Any], start: float, end: float) -> list[float]:
    """Return the sorted latencies (seconds) of the requests that were due in an interval."""
    waits = ((result["start"] + due, abs(wait)) for due, wait in result["waits"])
    return sorted(wait for due, wait in waits if start <= due < end)


@contextmanager
def frozen(redis: Redis) -> Iterator[None]:
    """Stop the process of Redis: it accepts connections and does not answer."""
    pid = redis.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def freeze(start: Start, redis: Redis) -> dict[str, float]:
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
        with frozen(redis):
            stopped = time.perf_counter()
            time.sleep(FREEZE_SECONDS)
        back = time.perf_counter()
        seen, probed = visits.result(), probes.result()
    during = latencies(seen, stopped, back)
    unaware = latencies(probed, stopped, stopped + TIMEOUT_SECONDS)
    aware = latencies(probed, stopped + TIMEOUT_SECONDS, back)
    ends = [(seen["start"] + due + abs(wait) - back, wait >= 0) for due, wait in seen["waits"]]
    after = [(at, good) for at, good in ends if at >= 0]
    first = min(at for at, good in after if good)
    return {
        "REDIS_TIMEOUT, s": TIMEOUT_SECONDS,
        "normal: median, ms": milliseconds(normal, 0.5),
        "Redis frozen: longest request, s": during[-1],
        "Redis frozen: median, ms": quantile(during, 0.5) * 1000,
        "Redis frozen: /livez longest in the first second, s": unaware[-1],
        "Redis frozen: /livez p99 after it, ms": quantile(aware, 0.99) * 1000,
        "Redis frozen: /livez longest after it, ms": aware[-1] * 1000,
        "Redis back: first good answer, s": first,
        "Redis back: last error, s": max((at for at, good in after if not good), default=0.0),
    }


def overload(start: Start) -> dict[str, float]:
    """Measure with 16, 64 and 256 connections, and the recovery with 2 afterwards."""
    found = {}
    with start() as running:
        calm = running.load(2, 2).result()
        for connections in (16, 64, 256):
            load, probes = running.load(connections, 3), running.load(1, 3, 20, "/livez")
            result, probed = load.result(), probes.result()
            good = len(result["good"])
            found[f"{connections} connections: answers per second"] = good / result["seconds"]
            found[f"{connections} connections: p99, ms"] = quantile(result["good"], 0.99) * 1000
            found[f"{connections} connections: not 200"] = len(result["waits"]) - good
            found[f"{connections} connections: /livez p99, ms"] = milliseconds(probed, 0.99)
        again = running.load(2, 2).result()
    recovered = milliseconds(again, 0.5) / milliseconds(calm, 0.5)
    found["2 connections afterwards: p50, ratio to before"] = recovered
    return found


def scrapes(start: Start, rounds: int) -> dict[str, float]:
    """Return the ratio of p99 with scrapes and probes to p99 without, the median of all rounds."""
    ratios = []
    with start() as running:
        running.load(16, 1).result()
        for number in range(rounds):
            p99 = {}
            for asked in (True, False) if number % 2 else (False, True):
                others = [running.load(1, 2, 2, path) for path in PROBES] if asked else []
                p99[asked] = milliseconds(running.load(16, 2).result(), 0.99)
                for load in others:
                    load.result()
            ratios.append(p99[True] / p99[False])
    return {"p99 with scrapes and probes, ratio to without": statistics.median(ratios)}


def replace_worker(running: Running) -> None:
    """Stop a worker once all workers run, and wait until it has exited."""
    eventually(lambda: len(running.pids()) == PROCESSES, 20, running.log.read_text)
    worker = running.pids()[1]
    os.kill(worker, signal.SIGTERM)
    eventually(lambda: worker not in running.pids(), 20, running.log.read_text)


def restarts(start: Start) -> dict[str, float]:
    """Replace workers under load, compare the counts of requests, and time a scrape."""
    with start() as running:
        load = running.load(8, 600, 100)
        for _ in range(RESTARTS):
            replace_worker(running)
        load.process.send_signal(signal.SIGINT)
        seen = load.result()
        url = f"http://127.0.0.1:{running.port}/metrics"
        took = []
        for _ in range(20):
            began = time.perf_counter()
            text = get(url).body
            took.append(time.perf_counter() - began)
        counts = re.findall(r'_count\{.*?http_route="/"\} ([0-9.]+)', text)
        lines = running.log.read_text().count('"http.route": "/"')
    asked = len(seen["waits"])
    return {
        "restarts: responses": asked,
        "restarts: not 200": asked - Counter(seen["statuses"])["200"],
        "restarts: log lines": lines - 1,
        "restarts: metrics": sum(map(float, counts)) - 1,
        "a scrape after 100 restarts, ms": quantile(sorted(took), 0.5) * 1000,
    }


def faults(start: Start, redis: Redis, rounds: int) -> dict[str, float]:
    """Measure all faults; keys are the figures of the report."""
    return freeze(start, redis) | overload(start) | scrapes(start, rounds) | restarts(start)
