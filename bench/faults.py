"""Measure the service under overload, with probes beside it, and over restarts of its workers."""

from __future__ import annotations

import os
import re
import signal
import statistics
import time
from collections import Counter

from redis import Redis

from bench.client import compute_milliseconds, compute_quantile
from bench.freeze import Start, measure_freeze
from bench.processes import Running
from tests.support.service import eventually, get

RESTARTS = 100
PROCESSES = 3  # gunicorn's master and two workers
PROBES = ("/metrics", "/livez", "/readyz")


def measure_overload(start: Start) -> dict[str, float]:
    """Measure with 16, 64 and 256 connections, and the recovery with 2 afterwards."""
    found = {}
    with start() as running:
        calm = running.load(2, 2).result()
        for connections in (16, 64, 256):
            load, probes = running.load(connections, 3), running.load(1, 3, 20, "/livez")
            result, probed = load.result(), probes.result()
            good = len(result["good"])
            found[f"{connections} connections: answers per second"] = good / result["seconds"]
            found[f"{connections} connections: p99, ms"] = (
                compute_quantile(result["good"], 0.99) * 1000
            )
            found[f"{connections} connections: not 200"] = len(result["waits"]) - good
            found[f"{connections} connections: /livez p99, ms"] = compute_milliseconds(probed, 0.99)
        again = running.load(2, 2).result()
    recovered = compute_milliseconds(again, 0.5) / compute_milliseconds(calm, 0.5)
    found["2 connections afterwards: p50, ratio to before"] = recovered
    return found


def measure_scrapes(start: Start, rounds: int) -> dict[str, float]:
    """Return the ratio of p99 with scrapes and probes to p99 without, the median of all rounds."""
    ratios = []
    with start() as running:
        running.load(16, 1).result()
        for number in range(rounds):
            p99 = {}
            for asked in (True, False) if number % 2 else (False, True):
                others = [running.load(1, 2, 2, path) for path in PROBES] if asked else []
                p99[asked] = compute_milliseconds(running.load(16, 2).result(), 0.99)
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


def measure_restarts(start: Start) -> dict[str, float]:
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
        "a scrape after 100 restarts, ms": compute_quantile(sorted(took), 0.5) * 1000,
    }


def measure_faults(start: Start, redis: Redis, rounds: int) -> dict[str, float]:
    """Measure all faults; keys are the figures of the report."""
    return (
        measure_freeze(start, redis)
        | measure_overload(start)
        | measure_scrapes(start, rounds)
        | measure_restarts(start)
    )
