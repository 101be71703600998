"""Bakes in a sandbox, with answers from any source."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import chdir
from typing import Any, NamedTuple
from unittest.mock import patch

from cookiecutter.exceptions import CookiecutterException
from cookiecutter.main import cookiecutter

from tests.answers.sandbox import Sandbox
from tests.answers.sources import (
    API,
    COMMAND,
    CONFIG,
    REPLAY,
    Answers,
    format_config,
    format_replay,
    format_words,
)
from tests.support.environment import ROOT

# Exceptions that end a bake
ERRORS = (CookiecutterException, KeyError, OSError, TypeError, ValueError)
REFUSAL = re.compile(r"^(\w+): (.+); (?:use .+|remove it)$", re.MULTILINE)


class BakeResult(NamedTuple):
    """Error of a bake, empty without one, and the output on stdout and stderr."""

    error: str
    output: str

    def read_refusals(self) -> dict[str, str]:
        """Return the problem of each refused answer; raises AssertionError unless a hook refused."""
        assert "Hook script failed (exit status: 1)" in self.error + self.output, self
        assert self.output.count("Nothing was generated. To continue with these values:") == 1
        return dict(REFUSAL.findall(self.output))


def run_cookiecutter(
    sandbox: Sandbox, source: str, answers: Answers, overwrite: bool = False
) -> BakeResult:
    """Run cookiecutter with answers from a source."""
    sandbox.captured.readouterr()
    if source == COMMAND:
        return run_program(sandbox, *format_words(answers), *["--overwrite-if-exists"] * overwrite)
    error = ""
    with (
        patch.dict(os.environ, sandbox.environ, clear=True),
        patch.object(tempfile, "tempdir", str(sandbox.tmp)),
        chdir(sandbox.work),
    ):
        try:
            arguments = build_arguments(sandbox, source, answers)
            cookiecutter(str(ROOT), overwrite_if_exists=overwrite, **arguments)
        except ERRORS as reason:
            error = f"{type(reason).__name__}: {reason}"
    return BakeResult(error, "".join(sandbox.captured.readouterr()))


def run_program(sandbox: Sandbox, *words: str) -> BakeResult:
    """Run cookiecutter as a program."""
    result = subprocess.run(
        [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input", *words],
        cwd=sandbox.work,
        env=sandbox.environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    error = f"exit status {result.returncode}" if result.returncode else ""
    return BakeResult(error, result.stdout + result.stderr)


def build_arguments(sandbox: Sandbox, source: str, answers: Answers) -> dict[str, Any]:
    """Return the arguments of cookiecutter() for a source; writes the file of the source."""
    replay_dir = str(sandbox.home / ".cookiecutter_replay")
    file = sandbox.root.with_name(f"{sandbox.root.name}-{source}.json")
    if source == CONFIG:
        file.write_text(format_config(answers, replay_dir=replay_dir))
        return {"config_file": str(file), "no_input": True}
    if source == REPLAY:
        file.write_text(format_replay(answers))
        return {"replay": str(file), "default_config": {"replay_dir": replay_dir}}
    assert source == API
    given = {"extra_context": dict(answers), "no_input": True}
    return {**given, "default_config": {"replay_dir": replay_dir}}
