"""Simulate a fleet whose readiness asks one Redis, while that Redis is away and afterwards.

A fluid model in steps: instances answer one unit of load a second each, a Gateway sends the load to those that
are ready in equal parts, and refuses it if none is. What an instance cannot answer at once waits.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass

STEP_SECONDS = 0.02
SEED = 1


@dataclass(frozen=True)
class Fleet:
    """A thousand instances at one half of what they can answer, with the probes of the manifests."""

    instances: int = 1000
    utilization: float = 0.5
    period_seconds: float = 5.0
    failures: int = 2
    propagation_seconds: float = 1.0
    asks_redis: bool = True

    def find_changes(self, outage_seconds: float) -> tuple[list[float], list[float]]:
        """Return the sorted times at which instances leave and join, from the start of the outage."""
        left, joined = [], []
        phases = random.Random(SEED)  # noqa: S311  # no secret
        for _ in range(self.instances if self.asks_redis else 0):
            first = phases.uniform(0, self.period_seconds)
            failed = first + (self.failures - 1) * self.period_seconds
            if failed < outage_seconds:
                probes = math.ceil((outage_seconds - first) / self.period_seconds)
                left.append(failed + self.propagation_seconds)
                joined.append(first + probes * self.period_seconds + self.propagation_seconds)
        return sorted(left), sorted(joined)


@dataclass(frozen=True)
class Recovery:
    """What clients notice after Redis is back, in seconds."""

    refused_seconds: float  # of the whole load
    overloaded_seconds: float
    longest_wait_seconds: float


def simulate(fleet: Fleet, outage_seconds: float) -> Recovery:
    """Return what clients of a fleet notice after an outage of Redis."""
    left, joined = fleet.find_changes(outage_seconds)
    load = fleet.instances * fleet.utilization
    refused = overloaded = longest = waiting = 0.0
    steps = (max(joined, default=0) - outage_seconds + 60) / STEP_SECONDS
    for step in range(math.ceil(max(steps, 1))):
        now = outage_seconds + step * STEP_SECONDS
        ready = fleet.instances - bisect_right(left, now) + bisect_right(joined, now)
        if ready <= 0:
            refused += STEP_SECONDS
            continue
        waiting = max(0.0, waiting + (load - ready) * STEP_SECONDS)
        overloaded += STEP_SECONDS if waiting else 0
        longest = max(longest, waiting / ready)
    return Recovery(refused, overloaded, longest)
