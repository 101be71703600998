"""Every script of bin/ prints its usage."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT, environment

SCRIPTS = sorted((ROOT / "bin").iterdir())


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
