"""checkov finds only problems of the Dockerfile and of the manifests that are excused in them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.kubernetes.rendering import render_release
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


def scan(
    checkov: Path, project: BakedProject, framework: str = "dockerfile", file: str = "Dockerfile"
) -> dict[str, int]:
    """Return the numbers of passed, failed and skipped checks."""
    words = ["--framework", framework, "--file", file, "--output", "json", "--soft-fail"]
    # It works without its guidelines, which only its maker's server has.
    result = project.run(str(checkov), *words, "--skip-download", PATH=TOOLS)
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


@pytest.mark.parametrize(
    ("deploy", "worker", "excused"),
    [("development", "no", 3), ("staging", "no", 2), ("production", "yes", 4)],
)
def test_all_findings_of_manifests_are_excused(
    deploy: str, worker: str, excused: int, bake: Bake, checkov: Path, tmp_path: Path
) -> None:
    project = bake(kubernetes="yes", worker=worker).copy_to(tmp_path)
    rendered = render_release(project, deploy)
    project.write("all.yaml", rendered)
    found = scan(checkov, project, "kubernetes", "all.yaml")
    assert (found["failed"], found["parsing_errors"], found["skipped"]) == (0, 0, excused)
    assert found["passed"] > 80
    project.write("all.yaml", rendered.replace("allowPrivilegeEscalation: false", ""))
    assert scan(checkov, project, "kubernetes", "all.yaml")["failed"] > 0
