"""bin/demo generates and runs a service, and removes all of its files."""

from __future__ import annotations

import json
import signal
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.fixtures import Start
from tests.support.program import has_ended, send_signal
from tests.support.service import get

TEMPLATE = BakedProject(ROOT, {})


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Create the folder for the temporary files of the demo."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_a_checked_demo_prints_the_count(temporary: Path) -> None:
    result = TEMPLATE.run("bin/demo", "--check", TMPDIR=str(temporary))
    assert json.loads(result.stdout) == {"message": "Welcome, visitor 1!", "visits": 1}
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
    ],
)
def test_a_demo_counts_until_it_is_stopped(
    number: signal.Signals, status: int, start: Start, temporary: Path
) -> None:
    program = start("bin/demo", cwd=ROOT, TMPDIR=str(temporary))
    url = program.wait_for_output(r"visit (http://127\.0\.0\.1:\d+)\b")[1]
    assert [get(url).json()["visits"] for _ in range(2)] == [1, 2]
    send_signal(program.process.pid, number)
    assert program.wait(10) == status
    assert (has_ended(program.process.pid), list(temporary.iterdir())) == (True, [])


def test_a_demo_finds_another_port_when_8000_is_taken(start: Start, temporary: Path) -> None:
    with ExitStack() as stack:
        with suppress(OSError):  # another program uses the port
            stack.enter_context(socket.create_server(("", 8000)))
        program = start("bin/demo", cwd=ROOT, TMPDIR=str(temporary))
        port = int(program.wait_for_output(r"visit http://127\.0\.0\.1:(\d+)\b")[1])
        assert port != 8000
        assert get(f"http://127.0.0.1:{port}/").json()["visits"] == 1


@pytest.mark.parametrize("option", ["--nonsense", "--chec", "check"])
def test_an_unknown_option_gets_one_line_of_usage(option: str) -> None:
    result = TEMPLATE.run("bin/demo", option, status=2)
    assert (result.stdout, result.stderr) == ("", "usage: bin/demo [--check]\n")
