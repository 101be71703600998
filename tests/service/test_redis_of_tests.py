"""bin/test uses a Redis of its own, or the one that TEST_REDIS_URL names, and no other."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.support.fixtures import Bake
from tests.support.service import free_port

TESTS = "tests/visits/test_visits.py"
HIDDEN = "hunter2"


def test_a_server_of_an_inherited_redis_url_gets_no_command(prepare: Bake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        url = f"redis://127.0.0.1:{foreign.getsockname()[1]}/0"
        printed = prepare().run("bin/test", TESTS, REDIS_URL=url).stdout
        assert " passed" in printed
        assert "Tests do not use REDIS_URL" in printed
        foreign.settimeout(0)
        with foreign.accept()[0] as connection:  # a look at its port
            assert connection.recv(1) == b""
        with pytest.raises(BlockingIOError):
            foreign.accept()


def test_the_tests_use_the_redis_of_test_redis_url(prepare: Bake, redis: Any) -> None:
    assert " passed" in prepare().run("bin/test", TESTS, TEST_REDIS_URL=redis.connection_url).stdout
    assert redis.client().info("commandstats")["cmdstat_scan"]["calls"]


@pytest.mark.parametrize("command", [["bin/test"], ["bin/test", "factors"]])
@pytest.mark.parametrize("name", ["TEST_REDIS_URL", "REDIS_URL"])
def test_a_redis_that_is_away_is_one_line_before_any_test(
    name: str, command: list[str], prepare: Bake
) -> None:
    port = free_port()
    extra: Any = {name: f"redis://:{HIDDEN}@127.0.0.1:{port}/0"}
    result = prepare().run(*command, status=4, **extra)
    message = f"no Redis answers at redis://127.0.0.1:{port}/0; start it, or unset {name}"
    assert result.stderr.strip() == f"ERROR: {name}: {message}"
    assert "collected" not in result.stdout
    assert HIDDEN not in result.stdout


def test_a_wrong_password_or_url_is_no_absence(prepare: Bake, redis: Any) -> None:
    redis.client().config_set("requirepass", "another")
    url = redis.connection_url.replace("://", f"://:{HIDDEN}@")
    refused = prepare().run("bin/test", status=4, TEST_REDIS_URL=url).stderr
    assert "refuses the password" in refused
    assert HIDDEN not in refused
    assert "not a URL" in prepare().run("bin/test", status=4, TEST_REDIS_URL="localhost").stderr
