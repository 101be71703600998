"""The jobs of each forge build, test, push and release an image, with a real engine and registry."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ci.forge import Forge
from tests.ci.pipelines import READERS
from tests.support.registry import Registry

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]


@pytest.mark.parametrize("ci", READERS)
def test_an_image_is_tested_pushed_and_released(
    ci: str, host: Callable[..., Forge], registry: Registry
) -> None:
    answers = {"project_slug": "pushed", "package_name": "pushed"}
    forge = host(ci=ci, image_repository=registry.repository, **answers)
    revision = forge.team.git("rev-parse", "HEAD")
    jobs = forge.jobs
    assert " passed" in forge.run(jobs["test-image"]).stdout
    assert registry.digest(f"sha-{revision}") is None
    assert " passed" in forge.run(jobs["build"]).stdout
    registry.forget()
    forge.run(jobs["release"])
    # The next job asks for it.
    handed_on = {**forge.results, **forge.files}.values()
    registry.forget()
    [tag] = forge.team.published()
    assert tag.removeprefix("refs/tags/") in {value.strip() for value in handed_on}
    forge.team.git("fetch", "--quiet", "--tags")
    record = forge.team.show(tag.removeprefix("refs/tags/"))
    digest = registry.digest(f"sha-{revision}")
    assert record["Image"] == f"{registry.repository}@{digest}"
    assert (record["Deploy"], record["Revision"]) == ("staging", revision)
