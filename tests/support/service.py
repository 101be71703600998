"""The harness of the service's own tests, for services and other servers that tests start."""

from __future__ import annotations

import sys
from contextlib import suppress
from urllib.parse import urlsplit

from tests.support.environment import SERVICE

# In a service its name is tests.support.service, which is the name of this module here.
sys.path.append(str(SERVICE / "tests/support"))
import service
from service import Response, eventually, free_port, request

__all__ = ["Response", "Service", "eventually", "free_port", "get", "is_up", "request"]


class Service(service.Service):
    """An instance of the service with its example feature."""

    def visit(self) -> int:
        """Count a visit, and return its number; raises AssertionError unless the status is 200."""
        response = self.get()
        assert response.status == 200, response
        return int(response.json()["visits"])


def get(url: str, **headers: str) -> Response:
    """Return the response to a GET request on a new connection; raises OSError."""
    parts = urlsplit(url)
    return request(parts.netloc, parts.path or "/", **headers)


def is_up(url: str) -> bool:
    """Return True if a GET request gets the status 200."""
    with suppress(OSError):
        return get(url).status == 200
    return False
