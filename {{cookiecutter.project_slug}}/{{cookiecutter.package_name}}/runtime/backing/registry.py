"""Registry of the backing services: what /readyz asks, and which errors mean an outage."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask


class BackingService(NamedTuple):
    """Attached resource: its name, a check within its own time limit, and its errors.

    `refusals` are the errors of a server that answers, and executes no command: out of memory, no permission.
    """

    name: str
    check: Callable[[], object]
    errors: tuple[type[Exception], ...]
    refusals: tuple[type[Exception], ...] = ()

    def describe(self, error: Exception) -> str:
        """Return what an error means: an outage, or a refusal."""
        return "refused a command" if isinstance(error, self.refusals) else "unavailable"


def register(app: Flask, service: BackingService) -> None:
    """Register a backing service of the app."""
    app.extensions.setdefault("backing_services", []).append(service)


def services(app: Flask) -> list[BackingService]:
    """Return the backing services of the app."""
    registered: list[BackingService] = app.extensions["backing_services"]
    return registered


def failed_service(app: Flask, error: Exception) -> BackingService | None:
    """Return the backing service that an error came from."""
    return next((one for one in services(app) if isinstance(error, one.errors)), None)
