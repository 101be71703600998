"""The admin commands."""

import os
import subprocess
import sys

import pytest

from {{ cookiecutter.package_name }} import create_app
from {{ cookiecutter.package_name }}.runtime.version import NAME
from {{ cookiecutter.package_name }}.visits import commands


@pytest.fixture
def visited(redis, environ):
    """Return the counter's key, after 41 visits, beside a key that is not ours."""
    redis.set(environ["KEY_PREFIX"] + "visits", 41)
    redis.set(environ["KEY_PREFIX"] + "other", "stays")
    return environ["KEY_PREFIX"] + "visits"


def test_show_prints_the_number(runner, visited):
    assert runner.invoke(args=["visits", "show"]).output == "41\n"


def test_reset_without_confirmation_changes_nothing(runner, redis, visited):
    result = runner.invoke(args=["visits", "reset"])

    assert result.exit_code != 0
    assert f"{visited} holds 41 visits." in result.output
    assert "--yes" in result.output.splitlines()[-1]
    assert redis.get(visited) == "41"


def test_a_confirmed_reset_deletes_its_own_key_only(runner, redis, environ, visited):
    result = runner.invoke(args=["visits", "reset", "--yes"])

    assert result.exit_code == 0
    assert "Reset: 41 visits deleted." in result.output
    assert redis.get(visited) is None
    assert redis.get(environ["KEY_PREFIX"] + "other") == "stays"


def test_reset_can_be_repeated(runner, visited):
    results = [runner.invoke(args=["visits", "reset", "--yes"]) for _ in range(2)]

    assert [result.exit_code for result in results] == [0, 0]
    assert "Reset: 0 visits deleted." in results[1].output


@pytest.mark.parametrize(("answer", "status", "left"), [(NAME, 0, None), ("yes", 1, "41")])
def test_reset_asks_for_the_name_on_a_terminal(
    runner, redis, visited, monkeypatch, answer, status, left
):
    monkeypatch.setattr(commands, "is_terminal", lambda: True)

    assert runner.invoke(args=["visits", "reset"], input=answer + "\n").exit_code == status
    assert redis.get(visited) == left


def test_config_prints_every_value_but_the_secrets(runner, environ):
    output = runner.invoke(args=["config"]).output

    assert f"KEY_PREFIX={environ['KEY_PREFIX']}\n" in output
    assert "REDIS_URL=[redacted]\n" in output
    assert environ["SECRET_KEY"] not in output


def test_a_bad_configuration_ends_a_command_with_the_report():
    environ = {"PATH": os.environ["PATH"], "PORT": "hunter2"}
    command = [sys.executable, "-m", "flask", "--app", create_app.__module__, "visits", "show"]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30)

    assert result.returncode == 1
    assert "PORT: expected a whole number from 1 to 65535" in result.stderr
    assert "Traceback" not in result.stderr
    assert "hunter2" not in result.stderr


def test_without_redis_a_command_says_so(detached):
    result = detached.application.test_cli_runner().invoke(args=["visits", "show"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: redis: unavailable (")
