"""Functions in forked processes, which leave the test process as it is."""

import multiprocessing
from collections.abc import Callable
from typing import Any


def run_in_fork(function: Callable[[], Any]) -> Any:
    """Call a function in a forked process, and return its result; raises AssertionError after 30 s."""
    context = multiprocessing.get_context("fork")
    results, end = context.Pipe(duplex=False)
    child = context.Process(target=lambda: end.send(function()), daemon=True)
    child.start()
    assert results.poll(30)
    child.join()
    return results.recv()
