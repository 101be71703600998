"""How the service bears what is not everyday: a frozen Redis, more load than it can take, restarts."""

from __future__ import annotations

import itertools
import os
import re
import signal
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from baking import ROOT
from bench_contenders import OWN
from bench_processes import Running, quantile
from redis import Redis
from running import eventually, get

Start = Callable[..., AbstractContextManager[Running]]
FREEZE, RESTARTS = 10.0, 100
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
        redis.ping()
        visits, probes = running.load(16, FREEZE + 3), running.load(1, FREEZE, 20, "/livez")
        time.sleep(1)
        with frozen(redis):
            time.sleep(FREEZE)
        back = time.perf_counter()
        seen, probed = visits.result(), probes.result()
    answers = [(seen["start"] + due, abs(wait), wait >= 0) for due, wait in seen["waits"]]
    during = sorted(wait for due, wait, _ in answers if back - FREEZE <= due < back)
    after = [(due + wait - back, good) for due, wait, good in answers if due + wait >= back]
    first = min(at for at, good in after if good)
    return {
        "timeout": TIMEOUT,
        "normal median": milliseconds(normal, 0.5),
        "frozen: longest": during[-1],
        "frozen: median": quantile(during, 0.5) * 1000,
        "frozen: /livez p99": milliseconds(probed, 0.99),
        "frozen: /livez longest": milliseconds(probed, 1),
        "back: first good answer": first,
        "back: last error": max((at for at, good in after if not good), default=0.0),
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
            found[f"{connections}: per second"] = good / result["seconds"]
            found[f"{connections}: p99"] = quantile(result["good"], 0.99) * 1000
            found[f"{connections}: not 200"] = len(result["waits"]) - good
            found[f"{connections}: /livez p99"] = milliseconds(probed, 0.99)
        again = running.load(2, 2).result()
    found["recovery: p50"] = milliseconds(again, 0.5) / milliseconds(calm, 0.5)
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
    return {"p99 with scrapes": statistics.median(ratios)}


def restarts(start: Start) -> dict[str, float]:
    """End workers again and again under load; then count, and time a scrape."""
    with start() as running:
        load = running.load(8, 600, 100)
        for _ in range(RESTARTS):
            workers = running.pids()[1:]
            os.kill(workers[0], signal.SIGTERM)
            eventually(
                lambda gone=workers[0]: gone not in running.pids(), 20, running.log.read_text
            )
            eventually(lambda: len(running.pids()) > 2, 20, running.log.read_text)
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
        "scrape": quantile(sorted(took), 0.5) * 1000,
    }


def faults(start: Start, redis: Redis, rounds: int) -> dict[str, float]:
    """Measure all of it."""
    return freeze(start, redis) | overload(start) | scrapes(start, rounds) | restarts(start)


def bake_times(folder: Path) -> dict[str, float]:
    """Compare the time to generate a service with that for an empty template."""
    empty = folder / "empty"
    (empty / "{{cookiecutter.name}}").mkdir(parents=True)
    (empty / "cookiecutter.json").write_text('{"name": "empty"}')
    (empty / "{{cookiecutter.name}}/README.md").write_text("{{cookiecutter.name}}\n")
    (folder / "cookiecutter.yaml").write_text(f"replay_dir: {folder}/replay\n")
    times: dict[str, list[float]] = {"ours": [], "empty": []}
    for number, (name, template) in itertools.product(range(5), (("ours", ROOT), ("empty", empty))):
        words = ["--no-input", "--config-file", f"{folder}/cookiecutter.yaml"]
        began = time.perf_counter()
        subprocess.run(
            [OWN / "cookiecutter", *words, "--output-dir", folder / f"{name}-{number}", template],
            check=True,
            capture_output=True,
        )
        times[name].append(time.perf_counter() - began)
    ratios = [ours / none for ours, none in zip(times["ours"], times["empty"], strict=True)]
    return {"bake": statistics.median(times["ours"]), "bake ratio": statistics.median(ratios)}
