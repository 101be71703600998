"""Attempts of a command within a deadline, behind a circuit breaker."""

import time
from collections.abc import Callable
from typing import Any

from redis import ConnectionError, TimeoutError
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ResponseError

from .circuit import CircuitBreaker

UNREACHABLE = (ConnectionError, TimeoutError)
BACKOFF = ExponentialWithJitterBackoff(cap=0.1, base=0.01)  # seconds
# Note on an error after which the command may have been executed.
SENT = "the command was sent, and its answer was lost"


class Attempts:
    """Base of clients whose commands end within `timeout` seconds when Redis is gone or silent.

    Connecting and waiting for an answer take at most a quarter of the timeout each (options of the
    connections), and no attempt starts after three quarters of it. A command that was not sent is
    retried until then. One that was sent and lost its answer may have been executed: it is sent
    again only if `resend` is true.

    redis-py's Retry counts attempts and knows no deadline, and its circuit breaker exists in
    MultiDBClient only: https://redis.readthedocs.io/en/stable/retry.html. Pipelines, transactions
    and pub/sub use the connections directly: bounded by their time limits, never retried.
    """

    def __init__(self, timeout: float, circuit: CircuitBreaker | None, resend: bool) -> None:
        self.timeout = timeout
        self.circuit = circuit or CircuitBreaker(lease_seconds=timeout)
        self.resend = resend

    def attempt(self, send: Callable[[], Any]) -> Any:
        """Send a command; raises ConnectionError or TimeoutError when Redis does not answer."""
        lease = self.circuit.admit()
        last_start = time.monotonic() + self.timeout * 3 / 4
        failures = 0
        while True:
            try:
                answer = send()
            except UNREACHABLE as error:
                failures += 1
                pause = BACKOFF.compute(failures)
                if not self.may_retry(error, last_start - pause):
                    self.circuit.record_failure(lease)
                    raise
                time.sleep(pause)
            except ResponseError as error:
                self.circuit.record_success()
                # Redis repeats the arguments of a command that it does not know: they may be secret.
                error.args = (str(error).partition(", with args")[0],)
                raise
            else:
                self.circuit.record_success()
                return answer

    def may_retry(self, error: Exception, last_start: float) -> bool:
        """Return True if another attempt is safe, in time, and not held back by the circuit."""
        sent = SENT in getattr(error, "__notes__", ())
        in_time = time.monotonic() <= last_start
        return in_time and not self.circuit.is_open and (self.resend or not sent)
