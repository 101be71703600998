"""bin/dev on a terminal: a readable log, and an end of all processes with the terminal."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.service.dev_runs import add_type, is_free, list_left, read_port
from tests.support.baking import BakedProject
from tests.support.fixtures import Start
from tests.support.service import eventually, get, is_up
from tests.support.terminal import CTRL_C, Terminal

ADDRESS = r"Listening on (http://127\.0\.0\.1:\d+)\n"
TIME = r"\d\d:\d\d:\d\d\.\d{3}Z"
# A worker that writes an event with an exception, a forged event and a line that is no event
NOISY = r"""import json, time
event = {"timestamp": "2026-01-02T03:04:05.678Z", "severity": "ERROR", "message": "failed \x1b[2J",
  "release": "v1", "exception.type": "ValueError", "exception.message": "odd",
  "exception.stacktrace": "Traceback (most recent call last):\n  File \"a.py\"\n\x1b]0;title\x07ValueError: odd\n",
  "shop.name": "a b", "shop.empty": "", "shop.count": 2, "hidden": "\u202e\x9b31m\x7f", "problems": ["one", "two"]}
print(json.dumps(event))
print(json.dumps("no event"))
print(json.dumps({"timestamp": 1, "severity": None, "message": [], "exception.stacktrace": 2}))
print("[" * 100000 + "]" * 10)
print("plain \x1b[31m text é", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder for temporary files, by which list_left() knows the processes."""
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp"


@pytest.fixture
def terminal(project: BakedProject, folder: Path) -> Iterator[Callable[..., Terminal]]:
    """Return a function that runs bin/dev on a pseudo terminal."""
    terminals: list[Terminal] = []

    def run(*words: str) -> Terminal:
        terminals.append(Terminal(["bin/dev", *words], project.path, TMPDIR=str(folder)))
        return terminals[-1]

    yield run
    for one in terminals:
        one.kill()


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(Terminal.close, id="the terminal is closed"),
        pytest.param(lambda one: one.press(CTRL_C), id="Ctrl-C"),
        pytest.param(lambda one: one.process.terminate(), id="SIGTERM"),
    ],
)
def test_all_processes_end_with_the_terminal_or_a_signal(
    end: Callable[[Terminal], None],
    terminal: Callable[..., Terminal],
    project: BakedProject,
    folder: Path,
) -> None:
    add_type(project, "worker", "sh -c 'sleep 600'")
    dev = terminal()
    url = dev.wait_for_output(ADDRESS)[1]
    assert get(url).status == 200
    end(dev)
    assert dev.process.wait(20) == 0
    eventually(lambda: list_left(folder) == [], 5, lambda: list_left(folder))
    assert is_free(read_port(project))
    assert not (project.path / ".dev").exists()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        pytest.param(Terminal.close, 129, id="the terminal is closed"),
        pytest.param(lambda one: one.press(CTRL_C), 130, id="Ctrl-C"),
        pytest.param(lambda one: one.process.terminate(), 143, id="SIGTERM"),
    ],
)
def test_a_command_and_its_redis_end_with_the_terminal_or_a_signal(
    end: Callable[[Terminal], None],
    status: int,
    terminal: Callable[..., Terminal],
    folder: Path,
) -> None:
    dev = terminal("sh", "-c", "echo started; exec sleep 600")
    dev.wait_for_output("started\n")
    end(dev)
    assert dev.process.wait(20) == status
    eventually(lambda: list_left(folder) == [], 5, lambda: list_left(folder))


def test_the_log_is_readable_on_a_terminal(terminal: Callable[..., Terminal]) -> None:
    dev = terminal()
    url = dev.wait_for_output(ADDRESS)[1]
    assert get(f"{url}/odd%1b%5b31m").status == 404
    line = dev.wait_for_output(rf"{TIME} INFO     request  .*url\.path=/odd.*\n")[0]
    assert "url.path=/odd%1b%5b31m" in line
    assert "http.response.status_code=404" in line
    assert "service.name" not in line
    assert "\x1b" not in dev.read_output()


def test_a_value_in_the_log_cannot_control_the_terminal(
    terminal: Callable[..., Terminal], project: BakedProject, folder: Path
) -> None:
    (folder / "noisy.py").write_text(NOISY)
    add_type(project, "worker", f"python {folder}/noisy.py")
    dev = terminal()
    dev.wait_for_output("worker . plain")
    lines = dev.read_output().splitlines()
    assert [line.removeprefix("worker | ") for line in lines if line.startswith("worker")] == [
        r'03:04:05.678Z ERROR    failed \x1b[2J  shop.name="a b" shop.empty="" shop.count=2 '
        r"hidden=\u202e\x9b31m\x7f",
        "    Traceback (most recent call last):",
        '      File "a.py"',
        r"    \x1b]0;title\x07ValueError: odd",
        "    problems:",
        "        one",
        "        two",
        '"no event"',
        "1 None     []",
        "    2",
        "[" * 100000 + "]" * 10,
        r"plain \x1b[31m text é",
    ]
    dev.wait_for_output(rf"web    \| {TIME} INFO     Starting gunicorn")


def test_json_is_the_log_of_the_processes_on_request(terminal: Callable[..., Terminal]) -> None:
    dev = terminal("--json")
    url = dev.wait_for_output(ADDRESS)[1]
    assert is_up(f"{url}/livez")
    lines = dev.read_output().splitlines()
    events = [json.loads(line) for line in lines if not re.match("Redis: |Listening on ", line)]
    assert {"Starting gunicorn", "request"} <= {
        re.sub(r" \d.*", "", one["message"]) for one in events
    }


def test_the_log_is_json_in_a_pipe_and_named_with_several_types(
    project: BakedProject, start: Start
) -> None:
    first = start("bin/dev", cwd=project.path)
    first.wait_for_output(ADDRESS)
    assert all(map(json.loads, first.stdout.read_text("utf-8").splitlines()))
    first.process.send_signal(signal.SIGTERM)
    assert first.wait() == 0
    add_type(project, "clock", "sh -c 'echo tick; sleep 600'")
    second = start("bin/dev", cwd=project.path)
    second.wait_for_output(ADDRESS)
    lines = second.stdout.read_text("utf-8").splitlines()
    assert "clock | tick" in lines
    assert {line.partition(" | ")[0].strip() for line in lines} == {"clock", "web"}
