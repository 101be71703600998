"""XII. Admin processes: one-off commands of the same code and configuration. https://12factor.net/admin-processes"""

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

from tests.factors.support.additions import PACKAGE
from tests.factors.support.backing import Backing
from tests.support.service import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(handles) -> Run:
    """Return a function that runs a command of the app, fed by a pipe or by what is typed on a terminal."""

    def run(*words: str, typed: str = "", piped: str = "", **environ: str) -> Any:
        command = [sys.executable, "-m", "flask", "--app", PACKAGE, *words]
        options: dict[str, Any] = {"cwd": ROOT, "env": {**handles, **environ}, "timeout": 60}
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
    """Return a client of a Redis in which three visits are counted beside what belongs to others."""
    assert [service.visit() for _ in range(3)] == [1, 2, 3]
    with backing.client() as redis:
        [counter] = redis.keys()
        redis.mset({"visits": 7, f"other-{counter}": 8, f"{counter[:5]}*": 9})
        yield redis


def content(redis: Redis) -> dict[str, str]:
    """Return every key with its value."""
    return {key: redis.get(key) for key in redis.scan_iter()}


@contextmanager
def recorded(backing: Backing) -> Iterator[list[str]]:
    """Note the name of each command that reaches Redis meanwhile."""
    names: list[str] = []
    with backing.client(socket_timeout=30) as redis, redis.monitor() as monitor:
        yield names
        redis.echo("the end")
        for sent in monitor.listen():
            if sent["command"] == "ECHO the end":
                break
            names.append(sent["command"].split()[0].upper())


def test_XII_2_the_commands_are_part_of_the_app(run):
    help = run("--help")

    assert help.returncode == 0
    assert {"config", "visits"} <= set(re.findall(r"^  (\w+)", help.stdout, re.MULTILINE))
    assert {"show", "reset"} <= set(run("visits", "--help").stdout.split())
    assert run("visits", "show").stdout == "0\n"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="nobody is there"),
        pytest.param({"piped": "{name}\n"}, id="the name comes from a pipe"),
        pytest.param({"piped": "y\nyes\n"}, id="a pipe says yes"),
        pytest.param({"typed": "yes\n"}, id="somebody types something else"),
        pytest.param({"typed": "\x04"}, id="somebody goes away"),
    ],
)
def test_XII_3_without_confirmation_nothing_changes(run, service, redis, said):
    before = content(redis)
    name = service.get("/version").json()["name"]
    reset = run("visits", "reset", **{how: text.format(name=name) for how, text in said.items()})

    assert reset.returncode != 0
    assert reset.stderr
    assert content(redis) == before


def test_XII_3_the_name_typed_on_a_terminal_confirms(run, service, redis):
    name = service.get("/version").json()["name"]

    assert run("visits", "reset", typed=f"{name}\n").returncode == 0
    assert run("visits", "show").stdout == "0\n"


def test_XII_4_a_reset_deletes_nothing_of_others(run, backing, redis, evidence):
    before = content(redis)
    with recorded(backing) as commands:
        assert run("visits", "reset", "--yes").returncode == 0

    gone = before.keys() - content(redis).keys()
    assert [before[key] for key in gone] == ["3"]
    assert content(redis).items() <= before.items()
    evidence(f"a reset sends {', '.join(sorted(set(commands)))}")
    assert not {"FLUSHALL", "FLUSHDB", "KEYS"} & set(commands)


def test_XII_5_a_reset_says_what_it_did_and_may_be_repeated(run, redis):
    for visits in (3, 0):
        reset = run("visits", "reset", "--yes", RELEASE="v7")

        assert reset.returncode == 0
        assert f"{visits} visits deleted" in reset.stderr
        [event] = [json.loads(line) for line in reset.stdout.splitlines()]
        assert event["message"] == "visits reset"
        assert event["visits"] == visits
        assert event["release"] == "v7"


def test_XII_6_a_reset_is_part_of_no_start_and_no_stop(start, service, redis):
    before = content(redis)
    start().stop()
    service.stop()

    assert content(redis) == before


def test_XII_6_no_route_resets(run, service, redis):
    [counter] = [key for key, value in content(redis).items() if value == "3"]
    redis.set(counter, 1000)
    routes = re.findall(r"(/\S*)\s*$", run("routes").stdout, re.MULTILINE)
    assert "/" in routes
    for route in [*routes, "/visits", "/visits/reset", "/reset"]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            service.get(re.sub("<.*?>", "1", route) + "?yes=1&confirm=1", method)

    assert int(redis.get(counter)) >= 1000


def test_XII_7_a_shell_has_what_the_app_works_with(run, redis):
    typed = "app.name\nredis.ping()\nsettings.release\n\x04"
    shell = run("shell", typed=typed, RELEASE="v7")

    assert shell.returncode == 0
    assert re.findall(r"^>>> (.+)$", shell.stdout, re.MULTILINE) == [f"'{PACKAGE}'", "True", "'v7'"]
