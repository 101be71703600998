"""Admin commands."""

import pytest


@pytest.fixture
def key(redis, environ) -> str:
    """Return the key of the counter, after 41 visits."""
    key = environ["KEY_PREFIX"] + "visits"
    redis.set(key, 41)
    return key


def test_show_prints_the_number(runner, key):
    assert runner.invoke(args=["visits", "show"]).output == "41\n"


def test_a_refused_reset_names_the_key_its_number_and_the_remedy(runner, redis, key):
    result = runner.invoke(args=["visits", "reset"])

    assert result.exit_code != 0
    assert f"{key} holds 41 visits." in result.output
    assert "--yes" in result.output.splitlines()[-1]
    assert redis.get(key) == "41"


def test_a_reset_prints_the_last_number(runner, redis, key):
    result = runner.invoke(args=["visits", "reset", "--yes"])

    assert result.exit_code == 0
    assert "Reset: 41 visits deleted." in result.output
    assert redis.get(key) is None


def test_a_command_without_redis_ends_in_one_line(detached):
    result = detached.application.test_cli_runner().invoke(args=["visits", "show"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: redis: unavailable (")
    assert result.output.count("\n") == 1
