"""Violations of the twelve factors, which the gate of a service must refuse."""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """One violation that is planted in a service, and the assertions that must fail."""

    why: str
    file: str
    old: str
    new: str
    ids: frozenset[str]
