"""Admin commands of the service, and its settings as these commands print them."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.factors.support.instance import PACKAGE
from tests.factors.support.repository import PATH, parse_variables
from tests.support.service import ROOT
from tests.support.settings import REQUIRED

# `NAME: required (meaning)` or `NAME: expected a form (meaning)`.
PROBLEM = r"([A-Z_]+): ((?:required|expected .+) \(.+\))"


def run_flask(*words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the app with only PATH and the given environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", PACKAGE, *words],
        cwd=cwd,
        env={"PATH": PATH, **environ},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def read_config(cwd: Path = ROOT, **environ: str) -> dict[str, str]:
    """Return the effective configuration; raises AssertionError if the settings are refused."""
    run = run_flask("config", cwd=cwd, **environ)
    assert run.returncode == 0, run.stderr
    return parse_variables(run.stdout)


def read_problems(**environ: str) -> dict[str, str]:
    """Return the problem of every refused setting; raises AssertionError if none is refused."""
    run = run_flask("config", **environ)
    assert run.returncode != 0, run.stdout
    assert "Traceback" not in run.stderr
    return dict(re.findall(f"^ *{PROBLEM}$", run.stderr, re.MULTILINE))


def find_settings_without_value() -> list[str]:
    """Return the required settings for which the tests have no value."""
    run = run_flask("config", **REQUIRED)
    return re.findall(r"^ *([A-Z_]+): required ", run.stderr, re.MULTILINE)


@cache
def list_settings() -> list[str]:
    """Return the environment variables of the settings table."""
    return list(read_config(**REQUIRED))


@cache
def list_secrets() -> list[str]:
    """Return the settings that accept <NAME>_FILE: a missing file is a problem of theirs."""
    problems = read_problems(**{f"{name}_FILE": "/nowhere" for name in list_settings()})
    return [name for name, problem in problems.items() if "file" in problem]
