"""What came of a storm: how many requests were answered well, and why the others were not."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.factors.support.clients import Answer

# How a client sees that who had its request is gone; 502 is what a load balancer says then.
CUT = ("ConnectionResetError", "BrokenPipeError", "EOFError", "WrongAnswerError: answered with 502")


class Failure(NamedTuple):
    """A request that was not answered well, why, and when it was on its way."""

    cause: str
    sent: float
    ended: float


class Outcome:
    """What happened, and what came of it."""

    def __init__(self) -> None:
        self.sent = self.answered = 0
        self.numbers: set[int] = set()
        self.failures: list[Failure] = []
        self.done: Counter[str] = Counter()
        self.kills: list[tuple[float, float]] = []
        self.started = time.monotonic()
        self.seconds = 0.0

    def note(self, asked: int, answer: Answer) -> None:
        """Take an answer; raises ValueError when it is not what the client may expect."""
        if visit := answer.visit(asked):
            if visit in self.numbers:
                raise ValueError("a number that another visit has")
            self.numbers.add(visit)
        self.answered += 1

    def figures(self) -> Iterator[str]:
        """Return what happened in words."""
        rate = 100 * self.answered / self.sent
        yield f"{self.sent:,} requests in {self.seconds:.0f} s, {self.answered:,} ({rate:.4f} %) answered well"
        yield f"lost: {dict(self.lost()) or 0}, ended with a killed worker: {self.killed()}"
        yield ", ".join(f"{count} {what}" for what, count in sorted(self.done.items()))

    def was_killed(self, one: Failure) -> bool:
        """Tell whether a request was cut off while a worker was being killed."""
        during = any(one.sent < dead and begun < one.ended for begun, dead in self.kills)
        return during and one.cause.startswith(CUT)

    def killed(self) -> int:
        """Return how many requests ended with the worker that had them when it was killed."""
        return sum(map(self.was_killed, self.failures))

    def lost(self) -> Counter[str]:
        """Return how many others failed, by cause."""
        return Counter(one.cause for one in self.failures if not self.was_killed(one))
