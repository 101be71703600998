"""bin/demo generates and runs a service, and removes all of its files."""

from __future__ import annotations

import json
import shutil
import signal
import socket
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, SERVICE
from tests.support.fixtures import Start
from tests.support.program import has_ended, send_signal
from tests.support.service import get

TEMPLATE = BakedProject(ROOT, {})


class Other(BaseHTTPRequestHandler):
    """Handler of another service, which answers every request."""

    def do_GET(self) -> None:
        """Send JSON like a service of this template."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"name": "other", "release": "v1", "visits": 7}')

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


def copy_template(folder: Path) -> BakedProject:
    """Copy the files that bin/demo uses; the copy shares the virtual environment."""
    folder.mkdir()
    ignore = shutil.ignore_patterns("__pycache__")
    for part in ("bin", "hooks", "requirements", "templates", SERVICE.name):
        shutil.copytree(ROOT / part, folder / part, ignore=ignore)
    shutil.copy(ROOT / "cookiecutter.json", folder)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve())
    return BakedProject(folder, {})


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
    # The shell reports a background process that it terminated.
    assert "Terminated" not in program.read_output()


def test_a_demo_shows_no_answer_of_another_service(tmp_path: Path) -> None:
    template = copy_template(tmp_path / "template")
    with ThreadingHTTPServer(("", 0), Other) as other:
        Thread(target=other.serve_forever, daemon=True).start()
        # As if the other service took the port after the demo had found it free
        script = template.read("bin/demo")
        assert "\nurl=" in script
        template.write("bin/demo", script.replace("\nurl=", f"\nPORT={other.server_port}\nurl="))
        result = template.run("bin/demo", "--check", status=1)
        other.shutdown()
    assert result.stdout == ""
    assert result.stderr.endswith("bin/demo: the service stopped; see its log above\n")


def test_exported_settings_of_another_service_do_not_reach_the_demo(temporary: Path) -> None:
    given: dict[str, Any] = {"REDIS_URL_FILE": "/no", "SECRET_KEY_FILE": "/no", "WEB_THREADS": "no"}
    result = TEMPLATE.run("bin/demo", "--check", **given, TMPDIR=str(temporary))
    assert json.loads(result.stdout)["visits"] == 1


def test_the_installation_is_one_line(tmp_path: Path) -> None:
    template = copy_template(tmp_path / "template")
    (template.path / ".venv").unlink()
    result = template.run("bin/demo", "--check")
    assert result.stdout.count("\n") <= 2
    assert result.stderr.splitlines() == [
        "Installing the locked requirements into .venv …",
        "Generating a service with the default answers …",
    ]


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
