"""Programs in process groups of their own, as a terminal starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.environment import environment
from tests.support.service import eventually

# A shell that runs the tests in the background makes them, and all programs that they start, ignore SIGINT.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup ignores it likewise


def send_signal(pid: int, number: signal.Signals) -> None:
    """Send SIGINT to a process group, as Ctrl-C does, or another signal to a process."""
    send = os.killpg if number == signal.SIGINT else os.kill
    send(pid, number)


def has_ended(group: int) -> bool:
    """Return True if no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def stop_group(leader: subprocess.Popen[bytes]) -> None:
    """Stop a program, whose children may have groups of their own, and kill its group."""
    leader.terminate()
    with suppress(subprocess.TimeoutExpired):
        leader.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


class Program:
    """Program, the leader of a process group, with its output in two files."""

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

    def read_output(self) -> str:
        """Return the output so far."""
        return self.stdout.read_text("utf-8") + self.stderr.read_text("utf-8")

    def wait_for_output(self, pattern: str, within: float = 30) -> re.Match[str]:
        """Return the first match in the output within seconds; raises AssertionError."""
        match: re.Match[str] = eventually(
            lambda: re.search(pattern, self.read_output()), within, self.read_output
        )
        return match

    def wait(self, within: float = 30) -> int:
        """Return the exit status within seconds; raises AssertionError."""
        eventually(lambda: self.process.poll() is not None, within, self.read_output)
        return int(self.process.returncode)

    def kill(self) -> None:
        """Stop the program."""
        stop_group(self.process)


@contextmanager
def run_programs(folder: Path) -> Iterator[Callable[..., Program]]:
    """Yield a function that runs a program with its output in a folder; all are killed at the end."""
    programs: list[Program] = []

    def start(*words: str, cwd: Path, **extra: str) -> Program:
        own = folder / f"output-{len(programs)}"
        own.mkdir()
        programs.append(Program(words, cwd, extra, own))
        return programs[-1]

    try:
        yield start
    finally:
        for program in programs:
            program.kill()
