"""Types of the fixtures that are functions."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.support.baking import BakedProject
from tests.support.program import Program
from tests.support.service import Service


class Bake(Protocol):
    """Function that returns the project for a set of answers."""

    def __call__(self, **answers: str) -> BakedProject:
        """Render the project once."""


class Start(Protocol):
    """Function that runs a program beside the test."""

    def __call__(self, *words: str, cwd: Path, **extra: str) -> Program:
        """Start the program."""


class Serve(Protocol):
    """Function that runs the default service."""

    def __call__(self, *options: str, alive: bool = True, **environ: str) -> Service:
        """Start the service, and wait until it is alive unless told otherwise."""


class Tally(Protocol):
    """Function that adds to a count of the summary."""

    def __call__(self, what: str, number: int = 1) -> None:
        """Add a number to a count."""
