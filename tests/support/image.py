"""Images of projects."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.support.baking import BakedProject
from tests.support.containers import CONFINED, engine


@dataclass(frozen=True)
class Image:
    """Image of a project, built from a commit with compose."""

    project: BakedProject
    name: str
    revision: str
    epoch: str

    @classmethod
    def build(cls, project: BakedProject) -> Image:
        """Commit the project, and build its image."""
        person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        # Redis can be slow on a busy machine.
        config = project.read("config/development.env")
        project.write(
            "config/development.env", config.replace("REDIS_TIMEOUT=\n", "REDIS_TIMEOUT=5s\n")
        )
        # A password with each reserved character of a URL
        redis = project.read("config/redis.env")
        project.write(
            "config/redis.env", redis.replace("@redis", "%24%22%27%5C%20%25%40%3A%2F@redis")
        )
        project.run("git", "init", "--quiet")
        project.run("git", "add", ".")
        project.run("git", *person, "commit", "--quiet", "--message", "Begin")
        revision, epoch = project.run("git", "log", "-1", "--format=%H %ct").stdout.split()
        name = f"test/{project.answers['project_slug']}:{secrets.token_hex(4)}"
        image = cls(project, name, revision, epoch)
        image.build_as(name)
        return image

    def build_as(self, name: str, *options: str) -> None:
        """Build an image of the same commit with another name."""
        labels: dict[str, Any] = {
            "REVISION": self.revision,
            "SOURCE": "https://git.example/service",
            "CREATED": datetime.fromtimestamp(int(self.epoch), UTC).isoformat(),
            "SOURCE_DATE_EPOCH": self.epoch,
        }
        engine("compose", "build", *options, "web", cwd=self.project.path, IMAGE=name, **labels)

    def shell(self, script: str, *options: str, status: int | None = 0) -> str:
        """Run a shell script in a new container, and return its output."""
        return engine(
            "run", "--rm", *CONFINED, *options, self.name, "sh", "-c", script, status=status
        )

    def remove(self) -> None:
        """Remove the image."""
        engine("image", "rm", "--force", self.name)
