"""bin/build, bin/release and bin/run with a real registry."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.releases.releasing import NO_REMOTE, Team
from tests.support.containers import engine
from tests.support.fixtures import Bake, Start
from tests.support.program import Program
from tests.support.service import eventually, free_port, is_up

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]

SLUG = "pushed"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass
class Registry:
    """Image registry on this machine."""

    program: Program
    port: int

    @property
    def repository(self) -> str:
        """Return the repository to which images are pushed."""
        return f"127.0.0.1:{self.port}/acme/{SLUG}"

    def digest(self, tag: str) -> str | None:
        """Return the digest of a tag, or None."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        path = f"/v2/acme/{SLUG}/manifests/{tag}"
        connection.request("HEAD", path, headers={"Accept": MANIFEST})
        return connection.getresponse().headers["Docker-Content-Digest"]


@pytest.fixture
def registry(start: Start, tmp_path: Path) -> Registry:
    """Run the registry of Debian's package docker-registry."""
    assert shutil.which("docker-registry"), "no docker-registry; run apt install docker-registry"
    port = free_port()
    config = tmp_path / "registry.yml"
    config.write_text(
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/blobs}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    program = start("docker-registry", "serve", str(config), cwd=tmp_path)
    eventually(lambda: is_up(f"http://127.0.0.1:{port}/v2/"), 20, program.read_output)
    return Registry(program, port)


@pytest.fixture
def team(registry: Registry, bake: Bake, tmp_path: Path) -> Iterator[Team]:
    """Return a team that pushes to the registry."""
    answers = {"project_slug": SLUG, "package_name": SLUG}
    project = bake(**answers, image_repository=registry.repository)
    yield Team.of(project, tmp_path / "team", RUN_TIMEOUT="60")
    engine("compose", "-p", f"{SLUG}-staging", "down", "--volumes", "--timeout", "2")
    forget(registry)


def forget(registry: Registry) -> None:
    """Remove every image of the repository from the engine."""
    if images := engine("image", "ls", "--quiet", registry.repository).split():
        engine("image", "rm", "--force", *dict.fromkeys(images))


def test_the_pushed_image_is_released_and_run(registry: Registry, team: Team) -> None:
    revision = team.git("rev-parse", "HEAD")
    image = team.build("--")
    assert re.fullmatch(rf"{registry.repository}@sha256:[0-9a-f]{{64}}", image)
    assert image.endswith(f"@{registry.digest(f'sha-{revision}')}")
    assert registry.digest("latest") is None
    assert team.build("--") == image
    # On a host without the image
    forget(registry)
    release = team.release("staging", image)
    assert team.show(release)["Image"] == image
    forget(registry)
    assert f"{release} runs as staging" in team.run("bin/run", release).stdout
    [web] = engine("compose", "-p", f"{SLUG}-staging", "ps", "--quiet", "web").split()
    assert engine("inspect", "--format", "{{.Config.Image}}", web) == image


def test_without_its_registry_a_host_releases_and_runs_local_images(
    registry: Registry, team: Team
) -> None:
    image = team.build("--")
    first = team.release("staging", image)
    registry.program.process.terminate()
    registry.program.wait()
    line = team.refused("bin/build", status=NO_REMOTE)
    assert f"push to 127.0.0.1:{registry.port} failed; run " in line
    unknown = f"{registry.repository}@sha256:{'0' * 64}"
    assert "cannot pull " in team.refused("bin/release", "staging", unknown, status=NO_REMOTE)
    assert team.ledger() == [first]
    # The image is on this host already.
    team.run("bin/run", team.release("staging", image))
