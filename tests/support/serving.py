"""The service of a project, run with the command of its Procfile."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.support.baking import BakedProject
from tests.support.fixtures import Serve
from tests.support.service import Service


def serve_project(project: BakedProject, folder: Path) -> Iterator[Serve]:
    """Yield a function that runs the service with its log in a folder; all are killed at the end."""
    [command] = re.findall("^web: (.*)$", project.read("Procfile"), re.MULTILINE)
    services: list[Service] = []

    def serve(*options: str, alive: bool = True, **environ: str) -> Service:
        given = {"TMPDIR": str(folder), "SECRET_KEY": "k" * 48, **environ}
        log = folder / f"log-{len(services)}"
        words = [*shlex.split(command), *options]
        services.append(Service(given, log, project.path, words))
        if alive:
            services[-1].wait_until_alive()
        return services[-1]

    yield serve
    for service in services:
        service.kill()
