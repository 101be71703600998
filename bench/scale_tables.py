"""Tables of docs/scale.md: what was measured, and what follows for a fleet."""

from __future__ import annotations

from typing import NamedTuple

from bench.fleet import Fleet, simulate
from bench.page import format_table
from bench.redis_cost import Cost
from bench.speed import THREADS, WORKERS

FLEETS = (1, 10, 100, 1000)
UTILIZATION = 0.5
# From a new pod to a ready one, in bin/test kubernetes
POD_SECONDS = 5
OUTAGES = (5, 15, 60)
# An example: the price of a processor for an hour
PRICE = 0.04


class Request(NamedTuple):
    """What a request costs: CPU in µs, log and page of metrics in bytes."""

    cpu: float
    redis_cpu: float
    log: float
    compressed_log: float
    metrics: float
    series: int


def format_measured(one: Request, costs: list[Cost]) -> str:
    """Return the measured figures."""
    rows = [
        ["CPU of an instance for a request", f"{one.cpu:.0f} µs"],
        ["CPU of Redis for it, at 16 clients", f"{one.redis_cpu:.1f} µs"],
        ["log of it; with gzip", f"{one.log:.0f} bytes; {one.compressed_log:.0f} bytes"],
        ["`/metrics` of an instance", f"{one.series} series, {one.metrics / 1000:.0f} kB"],
        *(
            [
                f"Redis with {cost.connections:,} connections: `INCR`; a connection",
                f"{cost.cpu_of_command:.1f} µs; {cost.cpu_of_connection:.0f} µs, "
                f"{cost.bytes_of_connection / 1000:.0f} kB",
            ]
            for cost in costs
        ),
    ]
    return format_table(["figure", "measured"], rows)


def format_fleets(one: Request, costs: list[Cost]) -> str:
    """Return what fleets of some sizes need; a busy instance uses one core."""
    rows = []
    for instances in FLEETS:
        connections = instances * WORKERS * THREADS
        rate = instances * UTILIZATION * 1e6 / one.cpu
        cost = next((cost for cost in costs if cost.connections >= connections), costs[-1])
        rows.append(
            [
                f"{instances:,}",
                f"{connections:,}",
                f"{rate:,.0f}",
                f"{rate * cost.cpu_of_command / 1e6:.2f}",
                f"{instances * one.series:,}",
                f"{instances * POD_SECONDS / 60:.1f} min",
                f"{min(instances, 4) * POD_SECONDS / 60:.1f} min",
            ]
        )
    head = ["instances", "connections", "requests/s", "cores of Redis", "series"]
    return format_table([*head, "rollout, one by one", "rollout by quarters"], rows)


def format_million(one: Request) -> str:
    """Return what a million requests need."""
    hours = (one.cpu + one.redis_cpu) / 3600
    rows = [
        ["CPU of the service and of Redis", f"{one.cpu:.0f} s + {one.redis_cpu:.0f} s"],
        [
            f"cost at {UTILIZATION:.0%} utilization and {PRICE} a core and hour",
            f"{hours / UTILIZATION * PRICE:.4f}",
        ],
        ["log; with gzip", f"{one.log:.0f} MB; {one.compressed_log:.0f} MB"],
    ]
    return format_table(["a million requests", "need"], rows)


def format_recoveries() -> str:
    """Return the recoveries of a thousand instances from outages of Redis."""
    fleets = {
        "asked every 5 s, not ready after 2 failures": Fleet(),
        "asked every 5 s, not ready after 6 failures": Fleet(failures=6),
        "readiness does not ask Redis": Fleet(asks_redis=False),
    }
    rows = []
    for name, fleet in fleets.items():
        for outage in OUTAGES:
            found = simulate(fleet, outage)
            figures = (found.refused_seconds, found.overloaded_seconds, found.longest_wait_seconds)
            rows.append([name, f"{outage} s", *(f"{figure:.1f} s" for figure in figures)])
    head = ["readiness", "outage", "all refused", "overloaded", "longest wait"]
    return format_table(head, rows)
