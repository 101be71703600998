"""Targets of the speed benchmark, and whether the service meets them."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import NamedTuple

Figures = dict[str, dict[str, list[float]]]
MOST, LEAST = "≤", "≥"


class Spread(NamedTuple):
    """Median and quartiles of the values of all rounds."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def compute_spread(values: list[float]) -> Spread:
    """Return the median and the quartiles (statistics.quantiles, exclusive method)."""
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return Spread(statistics.median(values), low, high)


def compute_ratio(figures: Figures, name: str, letter: str, base: str = "b") -> Spread:
    """Return the ratio of two contenders, each round divided by the same round."""
    pairs = zip(figures[letter][name], figures[base][name], strict=True)
    return compute_spread([one / other for one, other in pairs])


class Target(NamedTuple):
    """Figure of the service with its measured value and its limit."""

    figure: str
    measured: str
    value: float
    sign: str
    limit: float

    def row(self) -> tuple[str, ...]:
        """Return the row of the table of targets."""
        met = self.value <= self.limit if self.sign == MOST else self.value >= self.limit
        verdict = "met" if met else "**missed**"
        return self.figure, f"{self.sign} {self.limit:g}", self.measured, verdict


# Ratios to bare Flask in the same round: title, figure, sign, limit.
RATIOS: list[tuple[str, str, str, float]] = [
    ("CPU per request, 16 connections", "CPU at 16", MOST, 1.20),
    ("requests per second, 16 connections", "requests per second at 16", LEAST, 0.83),
    ("p99, 16 connections", "p99 at 16", MOST, 1.10),
    ("p50 at a steady 300/s", "p50 at 300/s", MOST, 1.05),
    ("exec to first good answer", "start", MOST, 1.10),
    ("private memory per worker, 4 workers", "private at 4", MOST, 0.45),
    ("total PSS, 4 workers", "PSS at 4", MOST, 0.65),
]


def list_targets(figures: Figures, found: dict[str, float]) -> Iterator[Target]:
    """Yield all targets."""
    for figure, name, sign, limit in RATIOS:
        compared = compute_ratio(figures, name, "e")
        yield Target(f"{figure} (ratio to b)", str(compared), compared.median, sign, limit)
    access_log, usual = (compute_ratio(figures, "CPU at 16", "e", base) for base in "ch")
    yield Target(
        "CPU per request, lower quartile (ratio to c)", str(access_log), access_log.low, MOST, 1
    )
    yield Target("CPU per request (ratio to h)", str(usual), usual.median, MOST, 0.80)
    tutorial = compute_ratio(figures, "requests per second at 16", "e", "d")
    yield Target("requests per second against d", str(tutorial), tutorial.median, LEAST, 3)
    for name, limit in (("commands", 1.01), ("connections", 0.01)):
        value = statistics.median(figures["e"][f"Redis {name} at 16"])
        yield Target(f"Redis {name} per request", f"{value:.3f}", value, MOST, limit)
    for name, limit in (
        ("Redis frozen: longest request, s", 2 * found["REDIS_TIMEOUT, s"]),
        ("Redis frozen: median, ms", found["normal: median, ms"]),
        ("Redis frozen: /livez longest in the first second, s", 1),
        ("Redis frozen: /livez p99 after it, ms", 50),
        ("Redis back: first good answer, s", 0.25),
        ("Redis back: last error, s", 0.25),
        ("p99 with scrapes and probes, ratio to without", 1.1),
        ("a scrape after 100 restarts, ms", 20),
        ("bake, ratio to an empty template", 1.5),
    ):
        yield Target(name, f"{found[name]:.3g}", found[name], MOST, round(limit, 2))
    counts = [found[f"restarts: {name}"] for name in ("responses", "log lines", "metrics")]
    shown = " = ".join(f"{count:,.0f}" for count in counts)
    difference = max(counts) - min(counts)
    yield Target("responses, log lines and metrics over restarts", shown, difference, MOST, 0)
