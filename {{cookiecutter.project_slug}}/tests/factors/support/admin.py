"""Admin processes, started as a person would, and their words on the configuration."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from tests.factors.support.additions import PACKAGE
from tests.factors.support.repository import PATH, variables
from tests.support.service import ROOT

KEY = "0123456789abcdef" * 2
# What has no default.
HANDLES = {"REDIS_URL": "redis://localhost/0", "SECRET_KEY": KEY}


def flask(*words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the app, with no variables but the PATH and those that are given."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", PACKAGE, *words],
        cwd=cwd,
        env={"PATH": PATH, **environ},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def effective(cwd: Path = ROOT, **environ: str) -> dict[str, str]:
    """Return the configuration as the app prints it; raises AssertionError when it is refused."""
    run = flask("config", cwd=cwd, **environ)
    assert run.returncode == 0, run.stderr
    return variables(run.stdout)


def refused(**environ: str) -> dict[str, str]:
    """Return what is expected instead of every variable that the app refuses."""
    run = flask("config", **environ)
    assert run.returncode != 0, run.stdout
    return dict(re.findall(r"^ *([A-Z_]+): expected (.+)$", run.stderr, re.MULTILINE))


@cache
def keys() -> list[str]:
    """Return the variables that the code knows."""
    return list(effective(**HANDLES))


@cache
def secrets() -> list[str]:
    """Return the variables that may come from files: those that miss theirs."""
    missing = refused(**{f"{name}_FILE": "/nowhere" for name in keys()})
    return [name for name, expected in missing.items() if "file" in expected]
