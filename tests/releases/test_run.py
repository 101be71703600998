"""bin/run with a real container engine, under constant load: from a first build to a rollback."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.releases.releasing import FAILED, SECRET, Team, interrupted
from tests.support.containers import engine
from tests.support.fixtures import Bake, Tally
from tests.support.load import Load, load
from tests.support.service import eventually, get

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]

SLUG = "story"
DEPLOYS = ("staging", "production")
SECOND_PROCESS_TYPE = """\
  ticker:
    image: "${IMAGE:-none}"
    init: true
    command: ["python", "-c", "import time; time.sleep(3600)"]
    healthcheck: {disable: true}
    labels: {deploy: "${DEPLOY:-development}", release: "${RELEASE:-}"}
    networks: [back]

  balancer:
"""


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Iterator[Team]:
    """Return a team with a new service; containers and images are removed afterwards."""
    team = Team.of(bake(project_slug=SLUG, package_name=SLUG), tmp_path / "team", RUN_TIMEOUT="60")
    try:
        yield team
    finally:
        for deploy in DEPLOYS:
            engine("compose", "-p", f"{SLUG}-{deploy}", "down", "--volumes", "--timeout", "2")
        images = engine("image", "ls", "--quiet", f"local/{SLUG}").split()
        engine("image", "rm", "--force", *dict.fromkeys(images))


def address(said: str) -> str:
    """Return the URL at the end of the output of bin/run."""
    return said.split()[-1]


def run(team: Team, release: str, *words: str) -> str:
    """Run a release, and return its URL."""
    return address(team.run("bin/run", release, *words).stdout)


def version(url: str) -> dict[str, str]:
    """Return the answer of /version at a URL."""
    found: dict[str, str] = json.loads(get(f"{url}/version").body)
    return found


def labels() -> str:
    """Return the releases of all instances, running or not."""
    return engine("ps", "--all", "--format", '{{.Label "release"}}')


@contextmanager
def no_request_is_lost(url: str, tally: Tally) -> Iterator[Load]:
    """Visit continuously; raises AssertionError if a visit fails or a number is a duplicate."""
    with load(url, pause=0.02) as visits:
        yield visits
    assert visits.failures == []
    assert len(set(visits.numbers)) == len(visits.numbers)
    tally("requests during releases, none lost", len(visits.numbers))


def test_the_story_of_a_service_under_load(team: Team, tally: Tally) -> None:
    first = team.build()
    v1 = team.release("staging", first)
    staging = run(team, v1)
    assert version(staging)["release"] == v1
    v2 = team.release("production", first)
    production = run(team, v2, "--instances", "2")
    assert production != staging
    with no_request_is_lost(staging, tally), no_request_is_lost(production, tally):
        # A code change, released to staging, then promoted
        team.edit(f"{SLUG}/visits/routes.py", "Welcome, visitor", "Hello, number")
        second = team.build()
        v3 = team.release("staging", second)
        run(team, v3)
        v4 = team.release("production", second)
        run(team, v4)
        # A configuration change
        team.configure("production", LOG_LEVEL="DEBUG")
        v5 = team.release("production")
        run(team, v5)
        # A release that is never ready
        team.edit(f"{SLUG}/runtime/web/probes.py", '"/readyz"', '"/not-readyz"')
        bad = team.release("production", team.build())
        said = team.refused("bin/run", bad, status=FAILED, RUN_TIMEOUT="6")
        assert "was not ready within 6 s" in said
        assert version(production)["release"] == v5
        # A rollback
        v7 = team.release("--rollback", v2)
        run(team, v7)
    assert version(production) == {**version(production), "release": v7, "name": SLUG}
    current = team.run("bin/run", "--current").stdout
    assert current == f"production {v7} 2\nstaging {v3} 1\n"
    kinds = [(team.show(one)["Deploy"], team.show(one)["Kind"]) for one in team.ledger()]
    assert kinds == [
        ("staging", "deploy"),
        *[("production", "deploy"), ("staging", "deploy"), ("production", "deploy")],
        *[("production", "config"), ("production", "deploy"), ("production", "rollback")],
    ]
    assert version(production)["commit"] == team.show(v2)["Revision"] == team.show(v7)["Revision"]


@pytest.mark.proves("V.2")
def test_the_image_contains_neither_configuration_nor_release_id(team: Team) -> None:
    image = team.build()
    name = image.partition("@")[2]
    script = "env; cat REVISION; find / -xdev -name '*.env*'"
    found = engine("run", "--rm", "--user", "0", name, "sh", "-c", script)
    assert "RELEASE" not in found
    assert "SECRET_KEY" not in found
    assert ".env" not in found
    assert team.git("rev-parse", "HEAD") in found


def test_label_log_route_and_tag_have_the_same_release_id(team: Team) -> None:
    host = "shop.example.com"
    team.configure("staging", TRUSTED_HOSTS=host)
    release = team.release("staging", team.build())
    url = run(team, release)
    assert get(url).status == 400
    assert json.loads(get(f"{url}/version", Host=host).body)["release"] == release
    [web] = engine("compose", "-p", f"{SLUG}-staging", "ps", "--quiet", "web").split()
    assert f"RELEASE={release}" in engine("inspect", web)
    events = [json.loads(line) for line in engine("logs", web).splitlines()]
    assert {event["release"] for event in events} == {release}
    assert team.git("cat-file", "-t", release) == "tag"


def test_a_release_that_exits_at_start_is_removed_at_once(team: Team, tally: Tally) -> None:
    good = team.release("staging", team.build())
    url = run(team, good)
    team.clone.write(f"{SLUG}/__main__.py", "import sys\n\nsys.exit('a bad day')\n")
    team.commit("Break it")
    bad = team.release("staging", team.build())
    with no_request_is_lost(url, tally):
        result = team.run("bin/run", bad, status=FAILED)
    assert "a bad day" in result.stderr
    assert f"{bad} exited at start; " in result.stderr.splitlines()[-1]
    assert team.run("bin/run", "--current").stdout == f"staging {good} 1\n"


def test_an_interrupted_run_keeps_earlier_instances_and_can_be_repeated(
    team: Team, tally: Tally
) -> None:
    secrets = f"SECRET_KEY={SECRET}\nREDIS_URL=redis://:{SECRET}@redis:6379/0\n"
    team.clone.write("config/staging.env", secrets)
    first = team.release("staging", image := team.build())
    url = run(team, first)
    second = team.release("staging", image)
    with no_request_is_lost(url, tally):
        process = team.start("bin/run", second)
        eventually(lambda: second in labels().split(), 60, labels)
        os.killpg(process.pid, signal.SIGINT)
        assert interrupted(process)
        assert team.run("bin/run", "--current").stdout == f"staging {first} 1\n"
        run(team, second)
    assert team.run("bin/run", "--current").stdout == f"staging {second} 1\n"


def test_every_process_type_is_started_replaced_and_scaled(team: Team, tally: Tally) -> None:
    team.edit("compose.yaml", "  balancer:\n    <<", SECOND_PROCESS_TYPE + "    <<")
    image = team.build()
    first, second = (team.release("staging", image) for _ in range(2))
    url = run(team, first)
    assert team.run("bin/run", "--current").stdout == f"staging {first} ticker=1 web=1\n"
    with no_request_is_lost(url, tally):
        run(team, second, "--scale", "ticker=3")
        assert team.run("bin/run", "--current").stdout == f"staging {second} ticker=3 web=1\n"
    third = team.release("--rollback", first)
    run(team, third)
    assert team.run("bin/run", "--current").stdout == f"staging {third} ticker=3 web=1\n"
    assert set(labels().split()) == {third}
