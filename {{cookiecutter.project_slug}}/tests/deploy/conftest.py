"""Fixture of a running deploy, which is asked over HTTP alone: bin/test deploy URL."""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

SECONDS = 10


class Answer(NamedTuple):
    """An HTTP response."""

    status: int
    headers: HTTPMessage
    body: str

    def json(self) -> Any:
        """Return the body, parsed as JSON."""
        return json.loads(self.body)


class Deploy:
    """A deploy behind a URL, such as https://shop.example."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)

    def send(
        self, path: str, method: str = "GET", body: str = "", headers: Mapping[str, str] = {}
    ) -> Answer:
        """Send a request on a new connection; raises OSError or HTTPException."""
        kind = HTTPSConnection if self.url.scheme == "https" else HTTPConnection
        connection = kind(self.url.hostname or "", self.url.port, timeout=SECONDS)
        try:
            connection.request(
                method, self.url.path.rstrip("/") + path, body or None, dict(headers)
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def has(self, release: str) -> bool:
        """Return True if a release answers."""
        with suppress(OSError, HTTPException, ValueError):
            return bool(self.send("/version").json()["release"] == release)
        return False

    def wait(self, release: str, seconds: int) -> None:
        """Wait until a release answers, for some seconds at most."""
        deadline = time.monotonic() + seconds
        while not self.has(release) and time.monotonic() < deadline:
            time.sleep(1)


@pytest.fixture(scope="session")
def deploy() -> Deploy:
    """Return the deploy of $DEPLOY_URL; end the session if it does not answer."""
    url = os.environ.get("DEPLOY_URL", "")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        pytest.exit(f"bin/test: {url!r} is no URL; run bin/test deploy https://HOST", returncode=2)
    timeout = os.environ.get("DEPLOY_TIMEOUT", "0")
    if not timeout.isdecimal():
        pytest.exit(f"bin/test: DEPLOY_TIMEOUT {timeout!r} is no time; give seconds", returncode=2)
    deploy = Deploy(url)
    if expected := os.environ.get("EXPECTED_RELEASE"):
        deploy.wait(expected, int(timeout))
    try:
        deploy.send("/livez")
    except (OSError, HTTPException) as error:
        pytest.exit(f"bin/test: {url} does not answer ({error}); start the deploy", returncode=1)
    return deploy
