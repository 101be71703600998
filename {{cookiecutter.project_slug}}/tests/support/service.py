"""Instances of the service as real processes, started by the command of the Procfile."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: HTTPMessage
    body: str

    def json(self) -> Any:
        """Return the body, parsed as JSON."""
        return json.loads(self.body)


def eventually(
    condition: Callable[[], Any], within: float = 20, detail: Callable[[], object] = str
) -> Any:
    """Return the first true value of a condition; raises AssertionError after some seconds."""
    deadline = time.monotonic() + within
    while not (value := condition()):
        assert time.monotonic() < deadline, f"condition still false after {within} s\n{detail()}"
        time.sleep(0.02)
    return value


def free_port() -> int:
    """Return a TCP port without a listener, which no other caller gets for a minute."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()):
            # The end that closes first keeps its port in TIME_WAIT, where only a server that asks
            # for it by number gets it: gates that run side by side meet otherwise.
            listener.accept()[0].close()
        return int(listener.getsockname()[1])


def request(
    address: str, path: str = "/", method: str = "GET", body: str | None = None, **headers: str
) -> Response:
    """Send a request to host:port on a new connection; raises OSError."""
    connection = HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Response(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def process_types() -> dict[str, list[str]]:
    """Return the command of every process type of the Procfile."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {
        name: shlex.split(command) for name, _, command in (line.partition(":") for line in lines)
    }


class Service:
    """An instance of the service on a free port, in a session of its own.

    It inherits only PATH, which starts with the programs of this virtual environment.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        log: Path,
        cwd: Path = ROOT,
        command: Sequence[str] | None = None,
    ) -> None:
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PORT": str(free_port()),
            **environ,
        }
        self.port, self.log = int(self.environ["PORT"]), log
        with log.open("ab") as stdout:
            self.process = subprocess.Popen(
                command or process_types()["web"],
                cwd=cwd,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stdout,
                start_new_session=True,
            )

    def get(
        self, path: str = "/", method: str = "GET", body: str | None = None, **headers: str
    ) -> Response:
        """Send a request on a new connection, and return its response; raises OSError."""
        return request(f"127.0.0.1:{self.port}", path, method, body, **headers)

    def answers(self, path: str, status: int = 200) -> bool:
        """Return True if a request of the path gets the status."""
        with suppress(OSError):
            return self.get(path).status == status
        return False

    def wait_until(self, path: str, status: int = 200, within: float = 20) -> None:
        """Wait for a status in seconds; raises AssertionError with the log."""
        eventually(
            lambda: self.answers(path, status) or self.process.poll() is not None,
            within,
            self.log.read_text,
        )
        assert self.process.poll() is None, self.log.read_text()

    def wait_until_alive(self) -> None:
        """Wait until /livez answers 200; raises AssertionError with the log."""
        self.wait_until("/livez")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send SIGTERM or another signal, and return the exit status; raises TimeoutExpired."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """Kill every process of the instance with SIGKILL."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def events(self) -> list[dict[str, Any]]:
        """Return every event of the log; raises JSONDecodeError if a line is not JSON."""
        is_running = self.process.poll() is None
        *lines, rest = self.log.read_text().split("\n")
        if rest and not is_running:  # which may be writing its last line
            lines.append(rest)
        return [json.loads(line) for line in lines]

    def workers(self) -> list[int]:
        """Return the process ids of the workers, oldest first; Linux only."""
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
