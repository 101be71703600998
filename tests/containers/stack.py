"""Compose projects."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.support.baking import BakedProject
from tests.support.containers import engine, inspect, is_healthy
from tests.support.service import eventually, get


@dataclass
class Stack:
    """Compose project of a service, with a name of its own."""

    project: BakedProject
    name: str
    environ: dict[str, str]
    files: tuple[str, ...] = ()

    def compose(self, *words: str, status: int | None = 0, **extra: Any) -> str:
        """Run a command of compose, and return its output."""
        given: dict[str, Any] = {**self.environ, **extra}
        chosen = [word for file in self.files for word in ("-f", file)]
        return engine(
            *["compose", "-p", self.name, *chosen, *words],
            status=status,
            cwd=self.project.path,
            **given,
        )

    def config(self, *words: str, **extra: Any) -> dict[str, Any]:
        """Return the services of the merged and interpolated files."""
        found = json.loads(self.compose(*words, "config", "--format", "json", **extra))
        services: dict[str, Any] = found["services"]
        return services

    def up(self, *words: str, **extra: Any) -> None:
        """Start all services, and wait until they are healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "60", *words, **extra)

    def restore(self) -> None:
        """Scale web to one instance, and wait until all containers are healthy."""
        self.compose("up", "--detach", "--no-recreate", "--scale", "web=1")
        names = self.compose("ps", "--quiet").split()
        # up --wait fails at once if a container is unhealthy at that moment.
        eventually(lambda: all(map(is_healthy, names)), 60, lambda: self.compose("ps"))

    def containers(self, service: str) -> list[str]:
        """Return the ids of the running containers of a service, oldest first."""
        found = self.compose("ps", "--quiet", service).split()
        return sorted(found, key=lambda name: str(inspect(name)["Created"]))

    @property
    def url(self) -> str:
        """Return the local URL of the load balancer."""
        return f"http://{self.compose('port', 'balancer', '8080')}"

    def visit(self) -> int:
        """Count a visit, and return its number; raises AssertionError unless the status is 200."""
        response = get(self.url)
        assert response.status == 200, response
        return int(response.json()["visits"])

    def logs(self, service: str) -> str:
        """Return the output of all containers of a service."""
        return self.compose("logs", "--no-color", "--no-log-prefix", service)

    def remove(self) -> None:
        """Remove containers, networks and volumes; raises AssertionError if one is left."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "2")
        mine = f"label=com.docker.compose.project={self.name}"
        left = [
            engine(*words, "--quiet", "--filter", mine)
            for words in (["ps", "--all"], ["network", "ls"], ["volume", "ls"])
        ]
        assert left == ["", "", ""]
