"""The container of an editor has what bin/setup, bin/test and bin/dev need."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.stack import Stack
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.support.npm import install_from_npm
from tests.support.service import eventually

pytestmark = pytest.mark.containers

VISIT = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8000/').read().decode())"


@pytest.fixture
def editor(bake: Bake, tmp_path: Path) -> Iterator[Stack]:
    """Run the containers of an editor on a copy of the default project."""
    project: BakedProject = bake().copy_to(tmp_path)
    stack = Stack(project, f"test-{secrets.token_hex(4)}", {}, (".devcontainer/compose.yaml",))
    stack.compose("up", "--detach", "--wait", "--build")
    yield stack
    stack.compose("down", "--volumes", "--timeout", "2", "--rmi", "local")


def test_the_service_is_set_up_tested_and_run_in_it(editor: Stack) -> None:
    def run(*words: str, status: int | None = 0) -> str:
        return editor.compose("exec", "--no-TTY", "editor", *words, status=status)

    commands = json.loads(editor.project.read(".devcontainer/devcontainer.json"))
    run("sh", "-ec", commands["onCreateCommand"])
    run("sh", "-ec", commands["postCreateCommand"])
    version = editor.project.read(".python-version").strip()
    assert run(".venv/bin/python", "--version").startswith(f"Python {version}.")
    assert " passed" in run("bin/test")
    editor.compose("exec", "--detach", "editor", "bin/dev")
    eventually(lambda: '"visits":1' in run(".venv/bin/python", "-c", VISIT, status=None), 30)
    keys = editor.compose("exec", "--no-TTY", "redis", "redis-cli", "keys", "*")
    assert keys.split() == [f"{editor.project.path.name}:visits"]


def test_the_command_line_of_dev_containers_reads_the_configuration(
    bake: Bake, tmp_path: Path
) -> None:
    install_from_npm("@devcontainers/cli@0.89.0", tmp_path)
    program = tmp_path / "node_modules/.bin/devcontainer"
    words = [str(program), "read-configuration", "--workspace-folder", str(bake().path)]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert json.loads(found)["configuration"]["service"] == "editor"
