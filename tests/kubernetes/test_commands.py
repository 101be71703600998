"""Commands about a deploy in a real cluster."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.kubernetes.deploy import SLUG, WEB, Deploy
from tests.support.environment import TOOLS
from tests.support.service import get

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]


def test_an_admin_command_runs_in_a_job(deploy: Deploy) -> None:
    words = ["flask", "--app", SLUG, "visits", "reset", "--yes"]
    said = deploy.team.run("bin/run", deploy.version(), "--", *words).stdout
    assert re.search(r"\d", said), said
    assert get(deploy.url).json()["visits"] == 1


def test_the_smoke_test_finds_the_release_and_its_log(deploy: Deploy) -> None:
    words = ["kubectl", "--namespace", deploy.namespace, "logs", WEB, "--tail=-1"]
    given: dict[str, Any] = {
        "PATH": TOOLS,
        "DEPLOY_LOGS": " ".join(words),
        "EXPECTED_RELEASE": deploy.version(),
    }
    said = deploy.team.run("bin/test", "deploy", deploy.url, **given).stdout
    assert re.search(r"^=+ \d+ passed in", said, re.MULTILINE), said


def test_a_dry_run_prints_what_would_change(deploy: Deploy) -> None:
    before = deploy.version()
    number = deploy.team.release(deploy.name, deploy.team.build("--"))
    said = deploy.team.run("bin/run", number, "--dry-run").stdout
    assert re.search(rf"(?m)^\+ .*version: {number}$", said), said
    assert deploy.version() == before
