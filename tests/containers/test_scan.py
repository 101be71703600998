"""checkov finds only problems of the Dockerfile that are excused in it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, TOOLS
from tests.support.fixtures import Bake

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]


@pytest.fixture(scope="module")
def checkov(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install checkov from its lock in a new virtual environment."""
    folder = tmp_path_factory.mktemp("scan") / "venv"
    lock = ["--require-hashes", "--requirement", "requirements/scan.txt"]
    for words in (["venv", str(folder)], ["pip", "install", "--python", str(folder), *lock]):
        subprocess.run([ROOT / ".venv/bin/uv", "--quiet", *words], cwd=ROOT, check=True)
    return folder / "bin/checkov"


def scan(checkov: Path, project: BakedProject) -> dict[str, int]:
    """Return the numbers of passed, failed and skipped checks."""
    words = ["--framework", "dockerfile", "--file", "Dockerfile", "--output", "json", "--soft-fail"]
    result = project.run(str(checkov), *words, PATH=TOOLS)
    found: dict[str, int] = json.loads(result.stdout)["summary"]
    return found


@pytest.mark.parametrize("version", ["3.14", "3.13"])
def test_all_findings_are_excused(version: str, bake: Bake, checkov: Path) -> None:
    project = bake(python_version=version)
    found = scan(checkov, project)
    assert (found["failed"], found["parsing_errors"]) == (0, 0)
    assert found["passed"] > 20
    excuses = re.findall(r"checkov:skip=\w+:(.*)", project.read("Dockerfile"))
    assert len(excuses) == project.read("Dockerfile").count("checkov:skip")
    assert all(len(excuse.split()) > 3 for excuse in excuses)


def test_a_planted_problem_is_found(bake: Bake, checkov: Path, tmp_path: Path) -> None:
    project = bake().copy_to(tmp_path)
    project.write("Dockerfile", project.read("Dockerfile").replace("USER 10001:10001\n", ""))
    assert scan(checkov, project)["failed"] == 1
