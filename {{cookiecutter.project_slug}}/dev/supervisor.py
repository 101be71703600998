"""Supervisor of the processes: their first start, restarts when the code changes, and the end."""

import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from threading import Event

from watchfiles import watch

from dev.environment import PACKAGE, explain_missing
from dev.output import say
from dev.processes import Processes

WATCHED = (PACKAGE, "gunicorn.conf.py")
WEB = "web"
TICK_MS = 200


class Supervisor:
    """Supervisor of processes; a signal ends them, and a second signal kills them."""

    def __init__(self, processes: Processes, port: int) -> None:
        self.processes, self.port = processes, port
        self.stopping = Event()
        self.is_changed = self.is_reached = False

    def run(self) -> int:
        """Run until a signal, or until the first start fails; return the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # by nohup
                signal.signal(number, lambda number, frame: self.end())
        try:
            self.processes.start()
            for files in watch_code(self.stopping):
                if files:
                    self.restart(files)
                elif (ended := self.processes.take_ended()) and not self.is_changed:
                    return self.fail(ended)
                else:
                    self.report(ended)
        finally:
            self.processes.stop()
        return 0

    def end(self) -> None:
        """Let run() end, or kill what still runs at the second call."""
        if self.stopping.is_set():
            self.processes.kill()
        self.stopping.set()

    def restart(self, files: list[str]) -> None:
        """Stop all processes, and start them with the changed code."""
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        say(f"Restarting: {files[0]}{more} changed")
        self.is_changed, self.is_reached = True, False
        self.processes.stop()
        if not self.stopping.is_set():
            self.processes.start()

    def report(self, ended: dict[str, int]) -> None:
        """Print what has ended since a change of the code, and the address once it answers."""
        for name, status in ended.items():
            say(f"{name} ended with exit status {status}; waiting for a change of the code")
        if not self.is_reached and WEB in self.processes.running and is_answered(self.port):
            say(f"Listening on http://127.0.0.1:{self.port}")
            self.is_reached = True

    def fail(self, ended: dict[str, int]) -> int:
        """Stop all processes, explain a failed start, and return its exit status."""
        self.processes.stop()
        for name, status in ended.items():
            lines = explain_missing(self.processes.output.last.get(name, b""))
            # The service has logged the reason of any other failure, unless a signal ended it.
            if status > signal.NSIG or len(self.processes.commands) > 1:
                lines.append(f"{name} ended with exit status {status}")
            for line in lines:
                say(f"bin/dev: {line}")
        return max(ended.values())


def is_answered(port: int) -> bool:
    """Return True if the web process answers; with other trusted hosts it refuses the request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status > 0
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def watch_code(stopping: Event) -> Iterator[list[str]]:
    """Yield the files that changed, or none after each tick; end when stopping is set."""
    for polling in (None, True):
        try:
            for changes in watch(
                *WATCHED,
                stop_event=stopping,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                force_polling=polling,
            ):
                yield sorted({os.path.relpath(path) for _, path in changes})
        except (OSError, RuntimeError) as error:
            if polling:
                raise
            reason = str(error).partition(". ")[0]
            say(f"bin/dev: no file notifications ({reason}); polling for changes instead")
        else:
            return
