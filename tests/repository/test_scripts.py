"""Every script of bin/ prints its usage, and ignores variables that mislead it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT, SERVICE, environment

SCRIPTS = sorted((ROOT / "bin").iterdir())
# Those of the service with a shim run Python with -E, which ignores every variable of it.
ALL = [*SCRIPTS, *sorted((SERVICE / "bin").iterdir())]
MISLEADING = {"PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONWARNINGS"}


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_help_is_printed_from_any_folder(script: Path, option: str, tmp_path: Path) -> None:
    variables = environment(CDPATH=f".:{ROOT.parent}:/")
    words = [str(script), option]
    result = subprocess.run(
        words, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert f"bin/{script.name}" in result.stdout


@pytest.mark.parametrize("script", ALL, ids=[f"{one.parts[-3]}/{one.name}" for one in ALL])
def test_no_script_obeys_a_variable_that_misleads_it(script: Path) -> None:
    text = script.read_text("utf-8")
    unset = set(re.findall(r"\w+", " ".join(re.findall(r"^unset (.*)$", text, re.MULTILINE))))
    assert "run_module" in text or unset >= MISLEADING
    assert "CDPATH='' cd" in text or "CDPATH" in unset
