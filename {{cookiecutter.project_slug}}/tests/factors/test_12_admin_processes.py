"""XII. Admin processes: one-off commands with the service's code and configuration. https://12factor.net/admin-processes"""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis import Redis

from tests.factors.support.assertions import proves
from tests.factors.support.backing import Backing
from tests.factors.support.injected_app import PACKAGE
from tests.support.service import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(required_settings) -> Run:
    """Return a function that runs a command of the app, with a pipe or a terminal as stdin."""

    def run(*words: str, typed: str = "", piped: str = "", **environ: str) -> Any:
        command = [sys.executable, "-m", "flask", "--app", PACKAGE, *words]
        options: dict[str, Any] = {
            "cwd": ROOT,
            "env": {**required_settings, **environ},
            "timeout": 60,
        }
        options |= {"capture_output": True, "text": True}
        if not typed:
            return subprocess.run(command, input=piped, **options)
        keyboard, terminal = pty.openpty()
        try:
            os.write(keyboard, typed.encode())
            return subprocess.run(command, stdin=terminal, **options)
        finally:
            os.close(keyboard)
            os.close(terminal)

    return run


@pytest.fixture
def redis(backing, service) -> Iterator[Redis]:
    """Return a client of a Redis with three visits, and with keys of other services."""
    assert [service.visit() for _ in range(3)] == [1, 2, 3]
    with backing.client() as redis:
        [counter] = redis.keys()
        redis.mset({"visits": 7, f"other-{counter}": 8, f"{counter[:5]}*": 9})
        yield redis


def read_all(redis: Redis) -> dict[str, str]:
    """Return every key with its value."""
    return {key: redis.get(key) for key in redis.scan_iter()}


@contextmanager
def record_commands(backing: Backing) -> Iterator[list[str]]:
    """Record the name of every command that Redis receives."""
    names: list[str] = []
    with backing.client(socket_timeout=30) as redis, redis.monitor() as monitor:
        yield names
        redis.echo("the end")
        for entry in monitor.listen():
            if entry["command"] == "ECHO the end":
                break
            names.append(entry["command"].split()[0].upper())


@proves("XII.2")
def test_the_app_lists_its_admin_commands(run):
    help = run("--help")

    assert help.returncode == 0
    assert {"config", "visits"} <= set(re.findall(r"^  (\w+)", help.stdout, re.MULTILINE))
    assert {"show", "reset"} <= set(run("visits", "--help").stdout.split())
    assert run("visits", "show").stdout == "0\n"


@proves("XII.3")
@pytest.mark.parametrize(
    "stdin",
    [
        pytest.param({}, id="empty stdin"),
        pytest.param({"piped": "{name}\n"}, id="name from a pipe"),
        pytest.param({"piped": "y\nyes\n"}, id="yes from a pipe"),
        pytest.param({"typed": "yes\n"}, id="wrong name on a terminal"),
        pytest.param({"typed": "\x04"}, id="end of input on a terminal"),
    ],
)
def test_a_reset_without_confirmation_changes_nothing(run, service, redis, stdin):
    before = read_all(redis)
    name = service.get("/version").json()["name"]
    reset = run("visits", "reset", **{how: text.format(name=name) for how, text in stdin.items()})

    assert reset.returncode != 0
    assert reset.stderr
    assert read_all(redis) == before


@proves("XII.3")
def test_the_name_typed_on_a_terminal_confirms_a_reset(run, service, redis):
    name = service.get("/version").json()["name"]

    assert run("visits", "reset", typed=f"{name}\n").returncode == 0
    assert run("visits", "show").stdout == "0\n"


@proves("XII.4")
def test_a_reset_deletes_only_its_own_key(run, backing, redis, evidence):
    before = read_all(redis)
    with record_commands(backing) as commands:
        assert run("visits", "reset", "--yes").returncode == 0

    deleted = before.keys() - read_all(redis).keys()
    assert [before[key] for key in deleted] == ["3"]
    assert read_all(redis).items() <= before.items()
    evidence(f"a reset sends {', '.join(sorted(set(commands)))}")
    assert not {"FLUSHALL", "FLUSHDB", "KEYS"} & set(commands)


@proves("XII.5")
def test_a_reset_reports_its_result_and_is_idempotent(run, redis):
    for visits in (3, 0):
        reset = run("visits", "reset", "--yes", RELEASE="v7")

        assert reset.returncode == 0
        assert f"{visits} visits deleted" in reset.stderr
        [event] = [json.loads(line) for line in reset.stdout.splitlines()]
        assert event["message"] == "visits reset"
        assert event["visits"] == visits
        assert event["release"] == "v7"


@proves("XII.6")
def test_starts_and_stops_reset_nothing(start, service, redis):
    before = read_all(redis)
    start().stop()
    service.stop()

    assert read_all(redis) == before


@proves("XII.6")
def test_no_route_resets_the_counter(run, service, redis):
    [counter] = [key for key, value in read_all(redis).items() if value == "3"]
    redis.set(counter, 1000)
    routes = re.findall(r"(/\S*)\s*$", run("routes").stdout, re.MULTILINE)
    assert "/" in routes
    for route in [*routes, "/visits", "/visits/reset", "/reset"]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            service.get(re.sub("<.*?>", "1", route) + "?yes=1&confirm=1", method)

    assert int(redis.get(counter)) >= 1000


@proves("XII.7")
def test_the_shell_has_redis_and_settings(run, redis):
    typed = "app.name\nredis.ping()\nsettings.release\n\x04"
    shell = run("shell", typed=typed, RELEASE="v7")

    assert shell.returncode == 0
    assert re.findall(r"^>>> (.+)$", shell.stdout, re.MULTILINE) == [f"'{PACKAGE}'", "True", "'v7'"]
