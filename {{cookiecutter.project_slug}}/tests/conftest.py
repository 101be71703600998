"""Fixtures of all tests: a real Redis, and the app with its client and its command runner."""

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from redis import ConnectionPool, Redis

from {{ cookiecutter.package_name }} import create_app

from dev.redis_server import redis_server
from tests.support.redis_url import find_closed_port, find_problem
from tests.support.settings import REQUIRED


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a Redis that does not answer, before any test; raises UsageError."""
    # It may name a production server: only TEST_REDIS_URL selects a server for tests.
    inherited = os.environ.pop("REDIS_URL", "")
    os.environ.pop("REDIS_URL_FILE", None)
    if url := os.environ.get("TEST_REDIS_URL"):
        if problem := find_problem(url):
            raise pytest.UsageError(f"TEST_REDIS_URL: {problem}, or unset TEST_REDIS_URL")
    elif inherited:
        if problem := find_closed_port(inherited):
            raise pytest.UsageError(f"REDIS_URL: {problem}, or unset REDIS_URL")
        print("Tests do not use REDIS_URL; to name a server for them, set TEST_REDIS_URL.")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Return TEST_REDIS_URL, or the URL of a server that runs for this session."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
    else:
        with redis_server() as url:
            yield url


@pytest.fixture(autouse=True)
def close_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close every connection to Redis that a test opened: the garbage collector would warn of it."""
    pools: list[ConnectionPool] = []
    create = ConnectionPool.__init__

    def record(pool: ConnectionPool, *args: Any, **options: Any) -> None:
        create(pool, *args, **options)
        pools.append(pool)

    monkeypatch.setattr(ConnectionPool, "__init__", record)
    yield
    for pool in pools:
        pool.disconnect()


@pytest.fixture(scope="session")
def key_prefix() -> str:
    """Return the prefix of the keys of this session."""
    return f"test-{secrets.token_hex(8)}:"


@pytest.fixture
def environ(redis_url: str, key_prefix: str) -> dict[str, str]:
    """Return a complete configuration."""
    return {
        **REQUIRED,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_PREFIX": key_prefix,
        "REDIS_TIMEOUT": "10s",  # a busy machine must not decide a test
    }


@pytest.fixture
def redis(environ: dict[str, str]) -> Iterator[Redis]:
    """Return a client of the same Redis, and delete the keys of the test at its end."""
    with Redis.from_url(environ["REDIS_URL"], decode_responses=True) as client:
        yield client
        for key in client.scan_iter(environ["KEY_PREFIX"] + "*"):
            client.delete(key)


@pytest.fixture
def app(environ: dict[str, str], redis: Redis) -> Flask:
    return create_app(environ)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def detached(environ: dict[str, str]) -> FlaskClient:
    """Return a client of an app whose Redis refuses connections."""
    refused = {"REDIS_URL": "redis://127.0.0.1:1/0", "REDIS_TIMEOUT": "100ms"}
    return create_app(environ | refused).test_client()
