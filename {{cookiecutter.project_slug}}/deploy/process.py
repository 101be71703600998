"""Programs that the scripts run, and how the scripts end."""

from __future__ import annotations

import os
import re
import signal
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any, NamedTuple, NoReturn

from deploy.refusal import FAILED, USAGE, Refusal

NOT_FOUND = 127
STDERR = 2
ENDS = (signal.SIGTERM, signal.SIGHUP)  # of a terminal: a lost connection to the host


class Result(NamedTuple):
    """Exit status and output of a program."""

    program: str
    status: int
    stdout: str
    stderr: str

    def output(self) -> str:
        """Return stdout; raises Refusal if the program failed."""
        if self.status:
            problem = f"{self.program} failed with exit status {self.status}"
            raise Refusal(FAILED, problem, "correct the error that it printed, then repeat")
        return self.stdout


def run(words: Sequence[str], stdin: str = "", **options: Any) -> Result:
    """Run a program with the options of Popen, and return its result; status 127: not found."""
    name = Path(words[0]).name
    text = {"encoding": "utf-8", "errors": "surrogateescape"}
    try:
        process = Popen(words, stdin=PIPE, **{"stdout": PIPE, **text, **options})
    except OSError as error:
        reason = f"{name}: {error.strerror}"
        if "stderr" not in options:
            print(reason, file=sys.stderr)
        return Result(name, NOT_FOUND, "", reason)
    with process:
        try:
            stdout, stderr = process.communicate(stdin)
        except BaseException:
            # Not the SIGKILL of subprocess.run(), after which git would leave lock files.
            process.terminate()
            process.wait()
            raise
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Result(name, status, stdout or "", stderr or "")


class Parser(ArgumentParser):
    """Parser of a command line that prints misuse as one line."""

    def __init__(self, script: str, usage: str, help_text: str | None) -> None:
        form = RawDescriptionHelpFormatter
        super().__init__(script, usage, help_text, formatter_class=form, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Print usage and problem, and exit."""
        self.exit(USAGE, f"{self.format_usage().strip()} ({message})\n")


def word(text: str) -> str:
    """Return an argument; raises ValueError if it has characters that no name has."""
    if not re.fullmatch("[A-Za-z0-9._:/@][A-Za-z0-9._:/@-]*", text):
        raise ValueError
    return text


def read_timeout(default: int) -> int:
    """Return the seconds for a release to become ready; raises Refusal."""
    timeout = os.environ.get("RUN_TIMEOUT") or str(default)
    if not timeout.isdecimal():
        raise Refusal(USAGE, "RUN_TIMEOUT is no number of seconds", "set it to, say, 60")
    return int(timeout)


def ignore_interrupts() -> None:
    """Ignore SIGINT, SIGTERM and SIGHUP from now on, here and in programs that are started."""
    for number in (signal.SIGINT, *ENDS):
        signal.signal(number, signal.SIG_IGN)


def run_script(name: str, main: Callable[[Sequence[str]], None]) -> NoReturn:
    """Run the main function of a script, and exit with its status; signals clean up, too."""
    for number in ENDS:
        if signal.getsignal(number) != signal.SIG_IGN:  # by nohup
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    status = 0
    try:
        main(sys.argv[1:])
        sys.stdout.flush()
    except Refusal as refusal:
        print(f"bin/{name}: {refusal}", file=sys.stderr)
        status = refusal.status
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except BrokenPipeError:  # such as bin/release --list | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 128 + signal.SIGPIPE
    except OSError as error:
        problem = f"{error.filename or 'stdout'}: {error.strerror or error}"
        print(f"bin/{name}: {problem}; correct it, then repeat bin/{name}", file=sys.stderr)
        status = FAILED
    sys.exit(status)
