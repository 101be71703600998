"""The tests of a service find each small fault in the parts of runtime/ that run in their process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.mutants.survivors import AT_IMPORT, EQUIVALENT
from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.fixtures import Bake, Tally

# The rest of runtime/ runs in gunicorn's processes: the gate and its violations prove it.
MODULES = ["parsers", "settings", "urls", "backing/circuit", "backing/registry"]
CONFIGURATION = """
[tool.mutmut]
source_paths = [{paths}]
also_copy = [{files}]
pytest_add_cli_args_test_selection = ["tests", "--ignore=tests/factors", "--ignore=tests/deploy"]
"""


def configure(project: BakedProject) -> None:
    """Tell mutmut what to change, and which files the tests need."""
    folder = f"{project.answers['package_name']}/runtime"
    paths = ", ".join(f'"{folder}/{module}.py"' for module in MODULES)
    top = sorted({name.partition("/")[0] for name in project.files()} - {"pyproject.toml"})
    files = ", ".join(f'"{name}"' for name in top)
    text = CONFIGURATION.format(paths=paths, files=files)
    project.write("pyproject.toml", project.read("pyproject.toml") + text)


def read_change(project: BakedProject, mutant: str) -> str:
    """Return the line that a mutant has in the place of another."""
    shown = project.run(".venv/bin/mutmut", "show", mutant).stdout
    return "\n".join(re.findall(r"^\+(?!\+) *(.*)", shown, re.MULTILINE))


@pytest.mark.mutants
def test_every_mutant_is_killed_or_explained(bake: Bake, tmp_path: Path, tally: Tally) -> None:
    project = bake().copy_to(tmp_path)
    project.run("bin/setup")
    lock = str(ROOT / "requirements/mutants.txt")
    project.run(
        ".venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock
    )
    configure(project)
    project.run(".venv/bin/mutmut", "run", timeout=3600)
    results = project.run(".venv/bin/mutmut", "results", "--all", "true").stdout
    ended = re.findall(r"^ *(\S+): (.+)$", results, re.MULTILINE)
    left = [name for name, status in ended if status != "killed" and not AT_IMPORT.search(name)]
    tally("mutants", len(ended))
    tally("mutants that survive", len(left))
    changes = {read_change(project, name) for name in left}
    assert len(ended) > 300
    assert changes - EQUIVALENT.keys() == set()
