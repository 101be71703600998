"""The service as a process: started as the Procfile says, and watched from outside."""

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
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    """What a client got."""

    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)


def eventually(answer: Callable[[], Any], within: float = 20) -> Any:
    """Ask until the answer is true, and return it; raises AssertionError after some seconds."""
    deadline = time.monotonic() + within
    while not (found := answer()):
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.02)
    return found


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def process_types() -> dict[str, list[str]]:
    """Return the command of every process type in the Procfile."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {
        name: shlex.split(command) for name, _, command in (line.partition(":") for line in lines)
    }


class Service:
    """An instance of the service on a free port, in a process group of its own.

    It inherits nothing but the PATH, which begins with this environment's programs.
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

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> Answer:
        """Return the answer to a request on a connection of its own; raises OSError."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def visit(self) -> int:
        """Count a visit and return its number; raises AssertionError when it was not counted."""
        answer = self.get()
        assert answer.status == 200, answer
        return int(answer.json()["visits"])

    def answers(self, path: str, status: int = 200) -> bool:
        """Tell whether the path is answered with a status now."""
        with suppress(OSError):
            return self.get(path).status == status
        return False

    def wait_until(self, path: str, status: int = 200, within: float = 20) -> None:
        """Wait for an answer; raises AssertionError with the log when the process ends before."""
        eventually(lambda: self.answers(path, status) or self.process.poll() is not None, within)
        assert self.process.poll() is None, self.log.read_text()

    def wait_until_alive(self) -> None:
        """Wait for the first answer; raises AssertionError with the log."""
        self.wait_until("/livez")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask the service to stop and return its exit status; raises TimeoutExpired."""
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def kill(self) -> None:
        """End every process of the service at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def events(self) -> list[dict[str, Any]]:
        """Return every line that was printed; raises JSONDecodeError when one is not an event."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def workers(self) -> list[int]:
        """Return the process ids of the workers that run, oldest first; Linux only."""
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
