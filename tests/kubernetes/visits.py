"""Clients that visit a deploy in a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.kubernetes.deploy import Deploy
from tests.support.fixtures import Tally
from tests.support.load import Load, load


@contextmanager
def visited(deploy: Deploy) -> Iterator[Load]:
    """Visit with 12 clients that wait 50 ms between their requests."""
    with load(deploy.url, 12, pause=0.05, methods=("GET", "POST")) as visits:
        yield visits


@contextmanager
def no_request_is_lost(deploy: Deploy, tally: Tally, during: str) -> Iterator[Load]:
    """Visit; raises AssertionError if a request fails or a number is a duplicate."""
    with visited(deploy) as visits:
        yield visits
    assert visits.failures == []
    assert len(set(visits.numbers)) == len(visits.numbers)
    tally(f"requests in a cluster during {during}, none lost", len(visits.numbers))
