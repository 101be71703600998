"""bin/test uses a Redis of its own, or the one that TEST_REDIS_URL names, and no other."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.support.fixtures import Bake
from tests.support.service import free_port

TESTS = "tests/visits/test_visits.py"
HIDDEN = "hunter2"


def test_an_inherited_redis_url_gets_no_connection(prepare: Bake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        url = f"redis://127.0.0.1:{foreign.getsockname()[1]}/0"
        assert " passed" in prepare().run("bin/test", TESTS, REDIS_URL=url).stdout
        foreign.settimeout(0)
        with pytest.raises(BlockingIOError):
            foreign.accept()


def test_the_tests_use_the_redis_of_test_redis_url(prepare: Bake, redis: Any) -> None:
    assert " passed" in prepare().run("bin/test", TESTS, TEST_REDIS_URL=redis.connection_url).stdout
    assert redis.client().info("commandstats")["cmdstat_scan"]["calls"]


@pytest.mark.parametrize("command", [["bin/test"], ["bin/test", "factors"]])
def test_a_redis_that_is_away_is_one_line_before_any_test(
    command: list[str], prepare: Bake
) -> None:
    port = free_port()
    url = f"redis://:{HIDDEN}@127.0.0.1:{port}/0"
    result = prepare().run(*command, status=4, TEST_REDIS_URL=url)
    message = f"no Redis answers at redis://127.0.0.1:{port}/0; start it, or unset TEST_REDIS_URL"
    assert result.stderr.strip() == f"ERROR: TEST_REDIS_URL: {message}"
    assert "collected" not in result.stdout
    assert HIDDEN not in result.stdout


def test_a_wrong_password_or_url_is_no_absence(prepare: Bake, redis: Any) -> None:
    redis.client().config_set("requirepass", "another")
    url = redis.connection_url.replace("://", f"://:{HIDDEN}@")
    refused = prepare().run("bin/test", status=4, TEST_REDIS_URL=url).stderr
    assert "refuses the password" in refused
    assert HIDDEN not in refused
    assert "not a URL" in prepare().run("bin/test", status=4, TEST_REDIS_URL="localhost").stderr
