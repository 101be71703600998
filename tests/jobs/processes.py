"""Workers as real processes, whose jobs are executed by children; Linux only."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tests.support.baking import BakedProject
from tests.support.service import Service, eventually


class Worker(Service):
    """A worker with a temporary folder of its own, as a container has it."""

    def __init__(self, project: BakedProject, folder: Path, **environ: str) -> None:
        folder.mkdir()
        self.folder, self.cwd = folder, project.path
        words = ["python", "-m", f"{project.answers['package_name']}.worker"]
        given = {"TMPDIR": str(folder), "SECRET_KEY": "k" * 48, **environ}
        super().__init__(given, folder / "log", project.path, words)

    def find_events(self, message: str) -> list[dict[str, Any]]:
        """Return the events with a message."""
        return [event for event in self.events() if event["message"] == message]

    def wait_for_event(self, message: str, within: float = 20) -> dict[str, Any]:
        """Return the first event with a message; raises AssertionError with the log."""
        eventually(lambda: self.find_events(message), within, self.log.read_text)
        return self.find_events(message)[0]

    def wait_until_ready(self) -> None:
        """Wait until the worker waits for jobs; raises AssertionError with the log."""
        eventually(lambda: "ready" in self.read_heartbeats(), 20, self.log.read_text)

    def read_heartbeats(self) -> list[str]:
        """Return the text of the heartbeat, if there is one."""
        return [file.read_text() for file in self.folder.glob("*-heartbeat")]

    def wait_for_outage(self) -> None:
        """Wait until the worker logs that Redis does not answer; raises AssertionError."""
        eventually(
            lambda: [one for one in self.events() if one["severity"] in ("WARNING", "ERROR")],
            20,
            self.log.read_text,
        )

    def check_heartbeat(self, *options: str) -> tuple[int, str]:
        """Return status and message of the health check of the image."""
        words = ["python", "-I", "-S", "heartbeat.py", *options]
        result = subprocess.run(
            words,
            cwd=self.cwd,
            env=self.environ,
            check=False,
            capture_output=True,
            encoding="utf-8",
        )
        return result.returncode, result.stderr.strip()

    def kill(self) -> None:
        """Kill the worker and the process of its job, which has a process group of its own."""
        if self.process.poll() is None:
            # A stopped worker forks no other process meanwhile.
            self.process.send_signal(signal.SIGSTOP)
            for child in self.workers():
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
        super().kill()


class Work(Protocol):
    """Function that runs a worker."""

    def __call__(self, ready: bool = True, **environ: str) -> Worker:
        """Start the worker, and wait until it waits for jobs unless told otherwise."""
