"""Life of a process: its lame-duck state, and stop signals during a fork.

https://sre.google/sre-book/load-balancing-datacenter/ describes the lame-duck state.
"""

import os
import signal
import time

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# A SIGTERM for a process group reaches a worker before the master has closed its listener.
MIN_DRAIN_SECONDS = 0.1


class Lifecycle:
    """State of the process; a signal handler changes it, so it has no lock."""

    draining = False
    drain_seconds = 0.0
    drain_deadline = float("inf")

    def drain(self) -> None:
        """Start the lame-duck period; another signal does not extend it."""
        if not self.draining:
            self.drain_deadline = time.monotonic() + max(self.drain_seconds, MIN_DRAIN_SECONDS)
            self.draining = True

    def seconds_left(self) -> float:
        """Return the rest of the lame-duck period in seconds, 0 after it."""
        return max(self.drain_deadline - time.monotonic(), 0)


lifecycle = Lifecycle()


def protect_forks() -> None:
    """Block stop signals during a fork: the child would lose one until it has its own handlers."""
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS),
        after_in_child=reset_signals,
    )


def reset_signals() -> None:
    """Let a stop signal end the child until it sets its handlers."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
