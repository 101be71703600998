"""How the service bears what is not everyday: a frozen Redis, more load than it can take, restarts."""

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
FREEZE, RESTARTS = 10.0, 100
PROCESSES = 3  # gunicorn's master and two workers
PROBES = ("/metrics", "/livez", "/readyz")
TIMEOUT = 1.0  # REDIS_TIMEOUT


def milliseconds(result: dict[str, Any], part: float) -> float:
    """Return a quantile of all answers, good or not."""
    return quantile(sorted(abs(wait) for _, wait in result["waits"]), part) * 1000


@contextmanager
def frozen(redis: Redis) -> Iterator[None]:
    """Let Redis accept and not answer."""
    pid = redis.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def freeze(start: Start, redis: Redis) -> dict[str, float]:
    """Freeze Redis under load, and look at the answers until and after it is back."""
    with start(REDIS_TIMEOUT=f"{TIMEOUT}s") as running:
        normal = running.load(16, 2).result()
        asked = redis.info("stats")["total_commands_processed"]
        visits, probes = running.load(16, FREEZE + 3), running.load(1, FREEZE, 20, "/livez")
        eventually(
            lambda: redis.info("stats")["total_commands_processed"] > asked + 1000,
            20,
            running.log.read_text,
        )
        with frozen(redis):
            time.sleep(FREEZE)
        back = time.perf_counter()
        seen, probed = visits.result(), probes.result()
    answers = [(seen["start"] + due, abs(wait), wait >= 0) for due, wait in seen["waits"]]
    during = sorted(wait for due, wait, _ in answers if back - FREEZE <= due < back)
    after = [(due + wait - back, good) for due, wait, good in answers if due + wait >= back]
    first = min(at for at, good in after if good)
    return {
        "REDIS_TIMEOUT, s": TIMEOUT,
        "normal: median, ms": milliseconds(normal, 0.5),
        "Redis frozen: longest request, s": during[-1],
        "Redis frozen: median, ms": quantile(during, 0.5) * 1000,
        "Redis frozen: /livez p99, ms": milliseconds(probed, 0.99),
        "Redis frozen: /livez longest, ms": milliseconds(probed, 1),
        "Redis back: first good answer, s": first,
        "Redis back: last error, s": max((at for at, good in after if not good), default=0.0),
    }


def overload(start: Start) -> dict[str, float]:
    """Ask with more and more connections, and then with few again."""
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
    """Compare p99 at a steady rate with and without scrapes and probes, round by round."""
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
    """End a worker, once all of them are there, and wait until it has gone."""
    eventually(lambda: len(running.pids()) == PROCESSES, 20, running.log.read_text)
    worker = running.pids()[1]
    os.kill(worker, signal.SIGTERM)
    eventually(lambda: worker not in running.pids(), 20, running.log.read_text)


def restarts(start: Start) -> dict[str, float]:
    """End workers again and again under load; then count, and time a scrape."""
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
    """Measure all of it."""
    return freeze(start, redis) | overload(start) | scrapes(start, rounds) | restarts(start)
