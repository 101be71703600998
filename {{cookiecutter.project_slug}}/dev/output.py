"""Output of the processes: complete lines, named if there are several processes."""

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any

from dev.log_view import view

STDOUT, STDERR = 1, 2
JOIN_SECONDS = 2
LOCK = Lock()


def write(descriptor: int, data: bytes) -> None:
    """Write all data, or none if the reader has gone: a closed terminal must not end a clean stop."""
    with suppress(OSError), LOCK:
        while data:
            data = data[os.write(descriptor, data) :]


def say(text: str) -> None:
    """Write a line to stderr."""
    write(STDERR, f"{text}\n".encode())


class Output:
    """Output of processes with names, as a view on a terminal, and otherwise as it is."""

    def __init__(self, names: Iterable[str], as_json: bool) -> None:
        names = list(names)
        is_named = len(names) > 1 and not as_json
        width = max(map(len, names))
        self.prefixes = {name: f"{name:{width}} | " if is_named else "" for name in names}
        self.is_view = sys.stdout.isatty() and not as_json
        self.last: dict[str, bytes] = {}
        self.threads: list[Thread] = []

    def follow(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Write the output of a process in threads until the process closes it."""
        for source, target in ((process.stdout, STDOUT), (process.stderr, STDERR)):
            thread = Thread(target=self.relay, args=(name, source, target), daemon=True)
            thread.start()
            self.threads.append(thread)

    def relay(self, name: str, source: Any, target: int) -> None:
        """Write each line of a stream, and remember the last line of stdout."""
        with source:
            for line in source:
                if target == STDOUT:
                    self.last[name] = line
                write(target, self.lay_out(name, line.removesuffix(b"\n")))

    def lay_out(self, name: str, line: bytes) -> bytes:
        """Return what is written for a line."""
        prefix = self.prefixes[name]
        if not self.is_view:
            return prefix.encode() + line + b"\n"
        text = "".join(f"{prefix}{one}\n" for one in view(line.decode("utf-8", "replace")))
        return text.encode(sys.stdout.encoding, "backslashreplace")

    def join(self) -> None:
        """Wait for the rest of the output."""
        for thread in self.threads:
            thread.join(JOIN_SECONDS)
        self.threads.clear()
