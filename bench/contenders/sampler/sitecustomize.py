"""Sample the stacks of forked workers: one per tick of user CPU time, of the thread that uses it.

Python imports this module at start when its folder is in PYTHONPATH. A signal handler of Python would run
in the main thread only; faulthandler dumps the stack of the thread that receives the signal.
"""

from __future__ import annotations

import faulthandler
import os
import signal
from pathlib import Path

TICK_SECONDS = 0.001  # the kernel rounds it up to its own tick


def start() -> None:
    """Append the samples of this process to a file that is named after its id."""
    file = Path(os.environ["SAMPLES"], str(os.getpid())).open("w")  # noqa: SIM115  # stays open
    faulthandler.register(signal.SIGVTALRM, file, all_threads=False)
    signal.setitimer(signal.ITIMER_VIRTUAL, TICK_SECONDS, TICK_SECONDS)


os.register_at_fork(after_in_child=start)
