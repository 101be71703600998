"""The hook of commits calls bin/lint, and a finding of it refuses the commit."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

PREK = str(Path(sys.executable).parent / "prek")


def test_a_commit_is_refused_for_what_bin_lint_finds(prepare: Bake, tmp_path: Path) -> None:
    project: BakedProject = prepare().copy_to(tmp_path)
    project.run("git", "init", "--quiet")
    project.run("git", "add", ".")
    project.run(PREK, "validate-config", ".pre-commit-config.yaml")
    project.run(PREK, "run", "--all-files")
    project.write("dev/odd.py", "import os\n")
    project.run("git", "add", ".")
    result = project.run(PREK, "run", "--all-files", status=1)
    assert "dev/odd.py" in result.stdout
