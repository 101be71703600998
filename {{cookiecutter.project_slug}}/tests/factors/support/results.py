"""Results of a load test: successes, disruptions, and failures by cause."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.factors.support.clients import Response

# Failures that a client sees when the worker with its request is killed; a load balancer sends 502.
CUT_OFF = ("ConnectionResetError", "BrokenPipeError", "EOFError", "WrongResponseError: status 502")


class Failure(NamedTuple):
    """A failed request: its cause, and when it was sent and ended, in monotonic seconds."""

    cause: str
    sent_at: float
    ended_at: float


class Results:
    """Requests, responses and disruptions of one load test."""

    def __init__(self) -> None:
        self.requests = self.successes = 0
        self.numbers: set[int] = set()
        self.failures: list[Failure] = []
        self.disruptions: Counter[str] = Counter()
        self.kills: list[tuple[float, float]] = []
        self.started_at = time.monotonic()
        self.seconds = 0.0

    def record(self, request_id: int, response: Response) -> None:
        """Record a response; raises ValueError if it is wrong or its number is a duplicate."""
        if number := response.read_count(request_id):
            if number in self.numbers:
                raise ValueError("duplicate number")
            self.numbers.add(number)
        self.successes += 1

    def summarize(self) -> Iterator[str]:
        """Return the figures of the report."""
        rate = 100 * self.successes / self.requests
        succeeded = f"{self.successes:,} ({rate:.4f} %) succeeded"
        yield f"{self.requests:,} requests in {self.seconds:.0f} s, {succeeded}"
        lost, killed = dict(self.count_lost()), self.count_killed()
        yield f"lost: {lost or 0}, lost with a killed worker: {killed}"
        yield ", ".join(f"{count} {name}" for name, count in sorted(self.disruptions.items()))

    def is_worker_kill(self, failure: Failure) -> bool:
        """Return True if a request was cut off while a worker was being killed."""
        during = any(
            failure.sent_at < end and begin < failure.ended_at for begin, end in self.kills
        )
        return during and failure.cause.startswith(CUT_OFF)

    def count_killed(self) -> int:
        """Return the number of requests lost with a killed worker."""
        return sum(map(self.is_worker_kill, self.failures))

    def count_lost(self) -> Counter[str]:
        """Return the number of all other failures by cause."""
        return Counter(one.cause for one in self.failures if not self.is_worker_kill(one))
