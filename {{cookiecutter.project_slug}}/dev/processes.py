"""Processes of the Procfile, which start and stop together."""

import os
import shlex
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from time import monotonic

from deploy.refusal import REFUSED, Refusal
from dev.output import Output

STOP_SECONDS = 60


def read_procfile() -> dict[str, list[str]]:
    """Return the command of every process type; raises Refusal."""
    types: dict[str, list[str]] = {}
    for number, line in enumerate(Path("Procfile").read_text("utf-8").splitlines(), 1):
        name, _, command = line.partition(":")
        if line.strip() and not line.startswith("#"):
            try:
                types[name] = shlex.split(command)
            except ValueError:
                types[name] = []
            if not types[name]:
                problem = f"Procfile, line {number}: expected NAME: COMMAND"
                raise Refusal(REFUSED, problem, "correct it or start it with #")
    return types


class Processes:
    """One process of every type, each in a process group that no terminal signals."""

    def __init__(
        self,
        commands: Mapping[str, list[str]],
        environs: Mapping[str, Mapping[str, str]],
        output: Output,
    ) -> None:
        self.commands, self.environs, self.output = commands, environs, output
        self.running: dict[str, Popen[bytes]] = {}

    def start(self) -> None:
        """Start all; raises OSError."""
        for name, words in self.commands.items():
            self.running[name] = Popen(
                words,
                env=dict(self.environs[name]),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                process_group=0,
            )
            self.output.follow(name, self.running[name])

    def take_ended(self) -> dict[str, int]:
        """Return the exit statuses of the processes that have ended since the last call."""
        ended = {name: one for name, one in self.running.items() if one.poll() is not None}
        kill_groups(ended.values())
        self.running = {name: one for name, one in self.running.items() if name not in ended}
        statuses = {name: one.returncode for name, one in ended.items()}
        return {name: one if one >= 0 else 128 - one for name, one in statuses.items()}

    def stop(self) -> None:
        """Stop all with SIGTERM, after a minute with SIGKILL, and write the rest of their output."""
        deadline = monotonic() + STOP_SECONDS
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            with suppress(TimeoutExpired):
                process.wait(deadline - monotonic())
        self.kill()
        for process in self.running.values():
            process.wait()
        self.running.clear()
        self.output.join()

    def kill(self) -> None:
        """Kill all, and the processes that they have left behind."""
        kill_groups(self.running.values())


def kill_groups(leaders: Iterable[Popen[bytes]]) -> None:
    """Kill every process in the groups of some leaders."""
    for leader in leaders:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(leader.pid, signal.SIGKILL)
