"""Programs that run beside a test, and the service as its clients see it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from tests.support.environment import environment

T = TypeVar("T")
# Where a shell runs the tests in the background, it lets them ignore Ctrl-C, and so all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


def eventually(answer: Callable[[], T | None], within: float, otherwise: Callable[[], object]) -> T:
    """Ask until the answer is true or the time (seconds) is over; raises AssertionError."""
    deadline = time.monotonic() + within
    while not (found := answer()):
        assert time.monotonic() < deadline, f"not in {within} s, but …{str(otherwise())[-4000:]}"
        time.sleep(0.05)
    return found


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Answer(NamedTuple):
    """Hold what a client got."""

    status: int
    headers: Mapping[str, str]
    body: str


def get(url: str, **headers: str) -> Answer:
    """Return the answer to a request on a connection of its own; raises OSError."""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request("GET", parts.path or "/", headers=headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read().decode())


def answers(url: str) -> bool:
    """Tell whether something answers there with 200."""
    with suppress(OSError):
        return get(url).status == 200
    return False


class Program:
    """A program in a process group of its own, as a terminal would run it."""

    def __init__(
        self, words: Sequence[str], cwd: Path, extra: Mapping[str, str], folder: Path
    ) -> None:
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        with self.stdout.open("wb") as stdout, self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                words,
                cwd=cwd,
                env=environment(**extra),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    def output(self) -> str:
        """Return what was printed so far."""
        return self.stdout.read_text("utf-8") + self.stderr.read_text("utf-8")

    def says(self, pattern: str, within: float = 30) -> re.Match[str]:
        """Wait until the program prints something, and return it; raises AssertionError."""
        return eventually(lambda: re.search(pattern, self.output()), within, self.output)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal in the usual way: Ctrl-C to the whole group, another to the program."""
        send = os.killpg if number == signal.SIGINT else os.kill
        send(self.process.pid, number)

    def status(self, within: float = 30) -> int:
        """Wait for the end and return the exit status; raises AssertionError."""
        eventually(lambda: self.process.poll() is not None, within, self.output)
        return int(self.process.returncode)

    def is_gone(self) -> bool:
        """Tell whether no process of the group is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        """End every process of the group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True)
class Service:
    """The service as a process that answers HTTP and prints its log."""

    program: Program
    port: int

    def get(self, path: str = "/", **headers: str) -> Answer:
        """Return the answer to a request."""
        return get(f"http://127.0.0.1:{self.port}{path}", **headers)

    def is_ready(self) -> bool:
        """Tell whether the service says that it is ready."""
        return answers(f"http://127.0.0.1:{self.port}/readyz")

    def visit(self) -> int:
        """Count a visit and return its number; raises AssertionError when it was not counted."""
        answer = self.get()
        assert answer.status == 200, answer
        return int(json.loads(answer.body)["visits"])

    def send(self, request: bytes) -> str:
        """Send bytes as they are, and return all that comes back until the service hangs up."""
        answer = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            # A server that does not read a request to its end resets the connection.
            with suppress(ConnectionResetError):
                while chunk := connection.recv(65536):
                    answer += chunk
        return answer.decode("latin-1")

    def events(self) -> list[dict[str, Any]]:
        """Return the log; raises AssertionError when anything in it is not a JSON object a line."""
        assert self.program.stderr.read_text("utf-8") == ""
        events = [json.loads(line) for line in self.program.stdout.read_text("utf-8").splitlines()]
        assert all(isinstance(event, dict) for event in events), events
        return events

    def workers(self) -> list[int]:
        """Return the process ids of all workers, dead ones too, in the order of their start."""
        booted = re.findall(r"Booting worker with pid: (\d+)", self.program.output())
        return [int(number) for number in booted]

    def stop(self, within: float = 30) -> int:
        """Ask the service to stop, as a supervisor does, and return its exit status."""
        self.program.signal(signal.SIGTERM)
        return self.program.status(within)
