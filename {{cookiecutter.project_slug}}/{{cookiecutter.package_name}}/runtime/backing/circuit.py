"""Circuit breaker with the states closed, open and half-open.

https://martinfowler.com/bliki/CircuitBreaker.html
"""

import threading
import time

from redis import ConnectionError

MAX_FAILURES = 3


class CircuitOpenError(ConnectionError):
    """Command refused without being sent, because the circuit is open."""


class CircuitBreaker:
    """Circuit that opens after MAX_FAILURES consecutive failures.

    An open circuit is half-open for one command at a time, the probe. The first successful probe
    closes the circuit for all threads. A probe holds a lease of some seconds and no lock, so that
    a fork in the middle of one does not keep the circuit open in the child.
    """

    def __init__(self, lease_seconds: float) -> None:
        self.lease_seconds = lease_seconds
        self.failures = 0
        self.lease_expires = 0.0
        self.lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Return True after MAX_FAILURES consecutive failures."""
        return self.failures >= MAX_FAILURES

    def admit(self) -> float:
        """Admit a command and return the lease of a probe, else 0; raises CircuitOpenError."""
        if self.failures < MAX_FAILURES:
            return 0.0
        with self.lock:
            now = time.monotonic()
            if now < self.lease_expires:
                raise CircuitOpenError("circuit open: a probe of Redis is in flight")
            self.lease_expires = now + self.lease_seconds
            return self.lease_expires

    def record_success(self) -> None:
        """Close the circuit."""
        self.failures = 0

    def record_failure(self, lease: float) -> None:
        """Count a failed command, and end the lease if the command was the probe that has it."""
        self.failures += 1
        if lease == self.lease_expires:
            self.lease_expires = 0.0
