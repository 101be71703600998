"""Programs on a pseudo terminal of their own, as in the window of a person."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import subprocess
import termios
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.support.environment import environment
from tests.support.program import stop_group
from tests.support.service import eventually

CTRL_C = b"\x03"


class Terminal:
    """Pseudo terminal with a program, the leader of its session."""

    def __init__(self, words: Sequence[str], cwd: Path, **extra: str) -> None:
        self.master, terminal = pty.openpty()
        self.process = subprocess.Popen(
            words,
            cwd=cwd,
            env=environment(**extra),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(terminal)
        os.set_blocking(self.master, False)
        self.output = b""

    def read_output(self) -> str:
        """Return the output so far, with the line ends of the program."""
        with suppress(OSError):  # nothing to read; EIO: no process has the terminal open
            while data := os.read(self.master, 65536):
                self.output += data
        return self.output.decode("utf-8", "replace").replace("\r\n", "\n")

    def wait_for_output(self, pattern: str, within: float = 30) -> re.Match[str]:
        """Return the first match in the output within seconds; raises AssertionError."""
        match: re.Match[str] = eventually(
            lambda: re.search(pattern, self.read_output()), within, self.read_output
        )
        return match

    def press(self, keys: bytes) -> None:
        """Type keys."""
        os.write(self.master, keys)

    def close(self) -> None:
        """Close the terminal: the kernel sends SIGHUP to the program."""
        os.close(self.master)
        self.master = -1

    def kill(self) -> None:
        """Stop the program, and close the terminal."""
        stop_group(self.process)
        if self.master >= 0:
            self.close()
