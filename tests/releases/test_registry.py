"""bin/build, bin/release and bin/run with a real registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.releases.releasing import NO_REMOTE, Team
from tests.support.containers import engine
from tests.support.fixtures import Bake
from tests.support.registry import Registry

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]

SLUG = "pushed"


@pytest.fixture
def team(registry: Registry, bake: Bake, tmp_path: Path) -> Iterator[Team]:
    """Return a team that pushes to the registry."""
    answers = {"project_slug": SLUG, "package_name": SLUG}
    project = bake(**answers, image_repository=registry.repository)
    yield Team.of(project, tmp_path / "team", RUN_TIMEOUT="60")
    engine("compose", "-p", f"{SLUG}-staging", "down", "--volumes", "--timeout", "2")
    registry.forget()


def test_the_pushed_image_is_released_and_run(registry: Registry, team: Team) -> None:
    revision = team.git("rev-parse", "HEAD")
    image = team.build("--")
    assert re.fullmatch(rf"{registry.repository}@sha256:[0-9a-f]{{64}}", image)
    assert image.endswith(f"@{registry.digest(f'sha-{revision}')}")
    assert registry.digest("latest") is None
    assert team.build("--") == image
    # On a host without the image
    registry.forget()
    release = team.release("staging", image)
    assert team.show(release)["Image"] == image
    registry.forget()
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
