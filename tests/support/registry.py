"""An image registry on this machine."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from tests.support.containers import engine
from tests.support.fixtures import Start
from tests.support.program import Program
from tests.support.service import eventually, free_port, is_up

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
PATH = "acme/pushed"


@dataclass
class Registry:
    """Image registry of Debian's package docker-registry."""

    program: Program
    port: int

    @classmethod
    def run(cls, start: Start, folder: Path) -> Registry:
        """Run a registry that stores its images in a folder."""
        assert shutil.which("docker-registry"), (
            "no docker-registry; run apt install docker-registry"
        )
        port = free_port()
        config = folder / "registry.yml"
        config.write_text(
            f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/blobs}}}}\n"
            f"http: {{addr: '127.0.0.1:{port}'}}\n"
        )
        program = start("docker-registry", "serve", str(config), cwd=folder)
        eventually(lambda: is_up(f"http://127.0.0.1:{port}/v2/"), 20, program.read_output)
        return cls(program, port)

    @property
    def repository(self) -> str:
        """Return the repository to which images are pushed."""
        return f"127.0.0.1:{self.port}/{PATH}"

    def digest(self, tag: str) -> str | None:
        """Return the digest of a tag, or None."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request("HEAD", f"/v2/{PATH}/manifests/{tag}", headers={"Accept": MANIFEST})
            return connection.getresponse().headers["Docker-Content-Digest"]

    def forget(self) -> None:
        """Remove every image of the repository from the engine."""
        if images := engine("image", "ls", "--quiet", self.repository).split():
            engine("image", "rm", "--force", *dict.fromkeys(images))
