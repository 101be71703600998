"""XII. Admin processes: one-off commands with the service's code and configuration. https://12factor.net/admin-processes"""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from click import Group
from redis import Redis

from tests.factors.support.assertions import proves
from tests.factors.support.backing import Backing
from tests.factors.support.instance import PACKAGE, PROBED_APP
from tests.factors.support.repository import CODE, read_texts
from tests.support.service import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]
# Commands that delete more than the keys of one service, or search all keys.
DELETES_TOO_MUCH = re.compile(r"\bflush(?:all|db)\b|\bredis\w*(?:\(\))?\.keys\(", re.IGNORECASE)


@pytest.fixture
def run(required_settings) -> Run:
    """Return a function that runs a command of the app, with a pipe or a terminal as stdin."""

    def run(
        *words: str, app: str = PACKAGE, typed: str = "", piped: str = "", **environ: str
    ) -> Any:
        command = [sys.executable, "-m", "flask", "--app", app, *words]
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
def run_probe(run) -> Run:
    """Return a function that runs an admin command of the probe."""
    return partial(run, "gate", app=PROBED_APP)


@pytest.fixture
def redis(backing, service) -> Iterator[Redis]:
    """Return a client of a Redis with a count of three, and with keys of other services."""
    assert [service.count() for _ in range(3)] == [1, 2, 3]
    with backing.client() as redis:
        [key] = redis.keys()
        redis.mset({"gate": 7, f"other-{key}": 8, f"{key[:5]}*": 9})
        yield redis


def read_all(redis: Redis) -> dict[str, str]:
    """Return every key with its value."""
    return {key: redis.get(key) for key in redis.scan_iter()}


@contextmanager
def record_commands(backing: Backing) -> Iterator[set[str]]:
    """Record the name of every command that Redis receives."""
    names: set[str] = set()
    with backing.client(socket_timeout=30) as redis, redis.monitor() as monitor:
        yield names
        redis.echo("the end")
        for entry in monitor.listen():
            if entry["command"] == "ECHO the end":
                break
            names.add(entry["command"].split()[0].upper())


def list_commands(group: Group, *names: str) -> Iterator[tuple[str, ...]]:
    """Return the words of every command of a group and of the groups in it."""
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from list_commands(command, *names, name)
        else:
            yield (*names, name)


@proves("XII.2")
def test_the_app_lists_its_admin_commands(app, run, evidence):
    help = run("--help")

    assert help.returncode == 0
    listed = set(re.findall(r"^  ([\w-]+)", help.stdout, re.MULTILINE))
    assert {"config", *app.cli.commands} <= listed
    evidence(f"{len(list(list_commands(app.cli)))} admin commands")


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
def test_a_reset_without_confirmation_changes_nothing(run_probe, service, redis, stdin):
    before = read_all(redis)
    name = service.get("/version").json()["name"]
    reset = run_probe("reset", **{how: text.format(name=name) for how, text in stdin.items()})

    assert reset.returncode != 0
    assert reset.stderr
    assert read_all(redis) == before


@proves("XII.3")
def test_the_name_typed_on_a_terminal_confirms_a_reset(run_probe, service, redis):
    name = service.get("/version").json()["name"]

    assert run_probe("reset", typed=f"{name}\n").returncode == 0
    assert run_probe("show").stdout == "0\n"


@proves("XII.4")
def test_no_code_deletes_or_searches_all_keys():
    found = [name for name, text in read_texts(CODE).items() if DELETES_TOO_MUCH.search(text)]

    assert found == []


@proves("XII.4")
def test_a_confirmed_command_keeps_the_keys_of_others(
    app, run, run_probe, backing, redis, evidence
):
    before = read_all(redis)
    [prefix] = [key.removesuffix("gate") for key, value in before.items() if value == "3"]
    others = {key: value for key, value in before.items() if not key.startswith(prefix)}
    with record_commands(backing) as names:
        for words in list_commands(app.cli):
            run(*words, "--yes")
        assert run_probe("reset", "--yes").returncode == 0

    assert len(others) == 3
    assert others.items() <= read_all(redis).items()
    assert names >= {"GETDEL"}
    evidence(f"admin commands send {', '.join(sorted(names))}")
    assert not {"FLUSHALL", "FLUSHDB", "KEYS"} & names


@proves("XII.5")
def test_a_command_logs_one_event_that_names_the_release(run_probe, redis):
    for count in (3, 0):
        reset = run_probe("reset", "--yes", RELEASE="v7")

        assert reset.returncode == 0
        [event] = [json.loads(line) for line in reset.stdout.splitlines()]
        assert (event["message"], event["count"], event["release"]) == ("gate reset", count, "v7")


@proves("XII.5")
def test_a_command_without_redis_ends_in_one_line(app, run, run_probe):
    away = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = {words: run(*words, **away) for words in list_commands(app.cli)}
    ended["gate", "show"] = run_probe("show", **away)

    assert ended["gate", "show"].stderr.startswith("Error: redis: unavailable (")
    for words, command in ended.items():
        assert "Traceback" not in command.stderr, words
        # 2 is the exit status of a command without its arguments, which prints its usage.
        assert command.returncode in {0, 2} or command.stderr.count("\n") == 1, words


@proves("XII.6")
def test_starts_and_stops_delete_nothing(start, service, redis):
    before = read_all(redis)
    start().stop()
    service.stop()

    assert read_all(redis) == before


@proves("XII.6")
def test_no_route_of_the_app_deletes_the_count_of_the_gate(run, service, redis):
    routes = re.findall(r"(/\S*)\s*$", run("routes").stdout, re.MULTILINE)
    assert "/livez" in routes
    for route in [*routes, "/reset"]:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            service.get(re.sub("<.*?>", "1", route) + "?yes=1&confirm=1", method)

    assert service.count() == 4


@proves("XII.7")
def test_the_shell_has_redis_and_settings(run, redis):
    typed = "app.name\nredis.ping()\nsettings.release\n\x04"
    shell = run("shell", typed=typed, RELEASE="v7")

    assert shell.returncode == 0
    assert re.findall(r"^>>> (.+)$", shell.stdout, re.MULTILINE) == [f"'{PACKAGE}'", "True", "'v7'"]
