"""Validation of manifests for current clusters."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.environment import TOOLS, environment

NO_SCHEMA = "Couldn't find schema for kind HTTPRoute"


def validate(text: str, path: Path, status: int) -> list[str]:
    """Return what kubernetes-validate warns of; raises AssertionError at another status."""
    path.write_text(text, "utf-8")
    words = ["kubernetes-validate", "--strict", str(path)]
    given = environment(PATH=TOOLS)
    result = subprocess.run(words, env=given, capture_output=True, text=True, check=False)
    lines = (result.stdout + result.stderr).splitlines()
    assert result.returncode == status, lines
    return [line for line in lines if "WARN" in line]
