"""The workflows of the template are valid, pinned, and run what people run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.environment import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def read_jobs() -> list[dict[str, Any]]:
    """Return every job of every workflow."""
    workflows = [yaml.safe_load(path.read_text("utf-8")) for path in WORKFLOWS]
    return [job for workflow in workflows for job in workflow["jobs"].values()]


@pytest.mark.parametrize(
    "command",
    [
        "check-jsonschema --builtin-schema vendor.github-workflows",
        "zizmor --quiet --persona=pedantic --offline",
    ],
)
def test_the_workflows_have_no_finding(command: str) -> None:
    assert WORKFLOWS
    program = Path(sys.executable).parent / command
    words = [*str(program).split(), *map(str, WORKFLOWS)]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_push_runs_what_people_run_and_a_week_runs_every_word() -> None:
    runs = [step["run"] for job in read_jobs() for step in job["steps"] if "run" in step]
    assert ".ci/run" in runs
    weekly = next(job for job in read_jobs() if "strategy" in job)["strategy"]["matrix"]["command"]
    script = (ROOT / "bin/test").read_text("utf-8")
    [words] = re.findall(r"^    (releases .*)\)$", script, re.MULTILINE)
    daily = set(re.findall("bin/test ([a-z]+)", (ROOT / ".ci/run").read_text("utf-8")))
    assert set(words.split(" | ")) - daily <= {one.removeprefix("bin/test ") for one in weekly}
