"""Backing services that service.toml declares, run by their commands."""

import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.factors.support import service_file
from tests.factors.support.repository import PATH
from tests.support.service import ROOT, eventually, free_port


class AttachedService:
    """Backing service on a fixed port, in a session of its own; it has the methods of Backing."""

    def __init__(self, command: str, folder: Path) -> None:
        self.command, self.log = shlex.split(command), folder / "log"
        (folder / "data").mkdir(parents=True)
        self.environ = {
            **os.environ,
            **{"PATH": PATH, "PORT": str(free_port()), "DATA": str(folder / "data")},
        }
        self.start()

    @property
    def url(self) -> str:
        """Return the URL that the command printed."""
        return self.log.read_text().splitlines()[0]

    def start(self) -> None:
        """Start the command, and return when it has printed a line; raises AssertionError."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environ, stdout=log, start_new_session=True
            )
        eventually(lambda: "\n" in self.log.read_text() or self.process.poll() is not None, 60)
        assert self.process.poll() is None, f"{service_file.NAME}: {self.command} has ended"

    def stop(self) -> None:
        """Stop the command with SIGTERM, if it runs."""
        self.process.terminate()
        self.process.wait(timeout=60)

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """Suspend every process of the command with SIGSTOP."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)


@contextmanager
def attach_declared(folder: Path) -> Iterator[dict[str, AttachedService]]:
    """Run every declared backing service, and stop it at the end."""
    declared: dict[str, AttachedService] = {}
    with ExitStack() as stack:
        for name, one in service_file.read("backing_services").items():
            declared[name] = AttachedService(one.command, folder / name)
            stack.callback(declared[name].stop)
        yield declared
