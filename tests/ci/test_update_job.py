"""A change of the template arrives as a branch of the service, through the weekly job of each forge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ci.forge import Forge
from tests.ci.pipelines import READERS
from tests.releases.releasing import Team
from tests.support.environment import SERVICE
from tests.support.fixtures import Bake
from tests.updates.commands import git
from tests.updates.versions import Template

pytestmark = pytest.mark.pipelines

README, BRANCH = f"{SERVICE.name}/README.md", "refs/heads/template-update"


@pytest.mark.parametrize("ci", READERS)
def test_a_change_of_the_template_becomes_a_branch(
    ci: str, prepare_audit: Bake, tmp_path: Path
) -> None:
    template = Template.clone(tmp_path / "template")
    project = template.create(tmp_path / "service", "--extra-context", json.dumps({"ci": ci}))
    git(project, "branch", "--move", "--force", "main")
    environment = prepare_audit(ci=ci).path / ".venv"
    forge = Forge(Team.of(project, tmp_path / "team"), environment)
    forge.team.git(
        "--git-dir", str(forge.team.remote), "config", "receive.advertisePushOptions", "true"
    )
    update = forge.jobs["update"]

    assert "already up to date" in forge.run(update).stdout
    assert BRANCH not in forge.team.git("ls-remote")

    template.change("newer", (README, "\n## Run it\n", "\n## Start it\n"))
    template.git("merge", "--quiet", "newer")
    forge.run(update)
    forge.team.git("fetch", "--quiet")
    changed = forge.team.git("diff", "--name-only", "main", "origin/template-update").split()
    assert changed == [".cruft.json", "README.md"]
    assert "\n## Start it\n" in forge.team.git("show", "origin/template-update:README.md")
    # The next week, before the request is merged
    forge.run(update)
