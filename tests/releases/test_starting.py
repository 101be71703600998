"""bin/run with a fake container engine: the order of steps, which always leaves instances in service."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.releases.releasing import (
    FAILED,
    NO_REMOTE,
    USAGE,
    Team,
    another_host,
    interrupted,
    leftovers,
)
from tests.support.fixtures import Bake, Tally
from tests.support.service import eventually

pytestmark = pytest.mark.releases


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine and two releases of staging."""
    team = Team.of(bake(), tmp_path / "team").with_fake_engine()
    image = team.build()
    assert [team.release("staging", image) for _ in range(2)] == ["v1", "v2"]
    return team


def done(team: Team, *verbs: str) -> list[str]:
    """Return the given verbs in the order in which the engine was called with them."""
    names = [next((word for word in call if word in verbs), "") for call in team.calls()]
    return [name for name in names if name]


def test_new_instances_start_beside_the_old_which_then_stop(team: Team) -> None:
    said = team.run("bin/run", "v1", "--instances", "3").stdout
    assert said == "v1 runs as staging on http://127.0.0.1:8080\n"
    assert team.containers() == [("v1", "healthy")] * 3
    team.set("calls")
    team.run("bin/run", "v2")
    assert team.containers() == [("v2", "healthy")] * 3
    assert done(team, "up", "exec", "stop", "rm") == ["up", "up", "up", "exec", "stop", "rm"]
    [web] = [call for call in team.calls() if "--scale" in call]
    assert web[web.index("--scale") :] == ["--scale", "web=6", "web"]
    assert {"--no-recreate", "--no-deps", "--no-build"} <= set(web)
    assert team.run("bin/run", "--current").stdout == "staging v2 3\n"


def test_a_run_that_is_repeated_changes_nothing(team: Team) -> None:
    team.run("bin/run", "v2")
    team.set("calls")
    team.run("bin/run", "v2")
    assert done(team, "stop", "rm", "--scale") == []


def test_the_number_of_instances_can_be_chosen(team: Team) -> None:
    for number in (1, 4, 2):
        team.run("bin/run", "v2", "--instances", str(number))
        assert team.containers() == [("v2", "healthy")] * number


def test_the_deploys_of_a_host_are_apart(team: Team) -> None:
    team.run("bin/run", "v2")
    team.run("bin/run", release := team.release("production", team.build()))
    assert team.run("bin/run", "--current").stdout == f"production {release} 1\nstaging v2 1\n"
    projects = {word for call in team.calls() for word in call if word.startswith("visit-counter-")}
    assert projects == {"visit-counter-staging", "visit-counter-production"}


@pytest.mark.parametrize(
    ("switch", "said"),
    [
        pytest.param("slow", "v2 was not ready within 2 s; run RUN_TIMEOUT=4 ", id="never ready"),
        pytest.param("crashes", "v2 exited at start; ", id="exits at start"),
    ],
)
def test_earlier_instances_keep_running_if_the_release_fails(
    switch: str, said: str, team: Team
) -> None:
    team.run("bin/run", "v1", "--instances", "2")
    before = (team.engine / "containers").read_text()
    team.set(switch)
    assert said in team.refused("bin/run", "v2", status=FAILED)
    assert json.loads((team.engine / "containers").read_text()) == json.loads(before)
    team.reset(switch)
    team.run("bin/run", "v2")
    assert team.containers() == [("v2", "healthy")] * 2


def test_a_run_can_be_interrupted_at_every_step_and_repeated(team: Team, tally: Tally) -> None:
    old, new = [("v1", "healthy")] * 2, [("v2", "healthy")] * 2
    team.run("bin/run", "v1", "--instances", "2")
    before = (team.engine / "containers").read_text()
    number = stopped = 0
    calls = team.calls()
    while number <= len(calls):
        number += 1
        team.set("containers", before)
        team.set("calls")
        team.set("interrupt", str(number))
        process = team.start("bin/run", "v2")
        was = interrupted(process)
        calls = team.calls()
        assert process.returncode == 0 or was
        # Either the old state, or the new
        assert team.containers() in (old, new)
        assert was or team.containers() == new
        assert leftovers(team) == []
        team.reset("interrupt")
        team.run("bin/run", "v2")
        assert team.containers() == new
        stopped += was
    assert stopped > 8
    tally("steps of a run that were interrupted", stopped)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_terminated_keeps_earlier_instances(number: int, team: Team) -> None:
    team.run("bin/run", "v1")
    team.set("slow")
    team.set("calls")
    process = team.start("bin/run", "v2", RUN_TIMEOUT="20")
    eventually(lambda: "--scale" in (team.engine / "calls").read_text(), 20, team.calls)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert team.containers() == [("v1", "healthy")]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        pytest.param("rediss://:it%27s@cache.example:6380/0", "", id="elsewhere"),
        pytest.param(
            "redis://:a%24b@redis:6379/0", "REDIS_URL=redis://:a%24b@redis:6379/0\n", id="beside"
        ),
    ],
)
def test_the_redis_beside_the_service_gets_its_url(url: str, text: str, team: Team) -> None:
    team.configure("staging", REDIS_URL=url)
    team.run("bin/run", team.release("staging"))
    [file] = (team.home / "state").glob("*/releases/*/config/redis.env")
    assert (file.read_text(), file.stat().st_mode & 0o777) == (text, 0o600)


def test_a_second_bin_run_of_a_deploy_is_refused(team: Team) -> None:
    team.run("bin/run", "v1")
    team.set("slow")
    first = team.start("bin/run", "v2", RUN_TIMEOUT="20")
    lock = team.home / "state/visit-counter/visit-counter-staging.lock"
    eventually(lambda: lock.exists() and lock.read_text() == str(first.pid), 20, team.calls)
    assert "another bin/run is changing staging; " in team.refused("bin/run", "v1")
    team.reset("slow")
    made = json.loads((team.engine / "containers").read_text())
    team.set("containers", json.dumps([{**one, "health": "healthy"} for one in made]))
    first.communicate(timeout=60)
    # The kernel has released the lock.
    assert lock.exists()
    team.run("bin/run", "v2")


@pytest.mark.parametrize(
    ("prepare", "words", "said"),
    [
        pytest.param(None, ["v9"], "no release v9; ", id="no such release"),
        pytest.param(
            lambda team: team.git("tag", "v9"), ["v9"], "no release v9; ", id="a lightweight tag"
        ),
        pytest.param(
            lambda team: (
                team.git("push", "-q", "origin", "HEAD~0:refs/tags/v9")
                or team.git("tag", "--annotate", "--message", "Mine", "v9")
            ),
            ["v9"],
            "compare git rev-parse v9 with git ls-remote origin v9",
            id="a tag that differs from the remote",
        ),
        pytest.param(
            lambda team: team.configure("staging", LOG_LEVEL="DEBUG"),
            ["v2"],
            "config/staging.env has changed since v2; ",
            id="a changed configuration",
        ),
        pytest.param(
            lambda team: shutil.rmtree(team.engine / "images"),
            ["v2"],
            "no image ",
            id="no image",
        ),
    ],
)
def test_a_refused_run_changes_no_instance(
    prepare: Callable[[Team], object] | None, words: list[str], said: str, team: Team
) -> None:
    team.run("bin/run", "v1")
    if prepare:
        prepare(team)
    assert said in team.refused("bin/run", *words)
    assert team.containers() == [("v1", "healthy")]


def test_a_modified_or_missing_kept_configuration_is_refused(team: Team) -> None:
    (team.clone.path / "config/staging.env").unlink()
    team.run("bin/run", "v2")
    [kept] = (team.home / "state/visit-counter/config").iterdir()
    kept.chmod(0o600)
    with kept.open("a") as file:
        file.write("LOG_LEVEL=DEBUG\n")
    assert "configuration of v2 missing or modified" in team.refused("bin/run", "v2")
    kept.unlink()
    assert "from the host that released v2" in team.refused("bin/run", "v2")


def test_another_host_with_the_configuration_runs_a_release(team: Team) -> None:
    other = another_host(team)
    assert other.tags() != {}
    other.git("tag", "--delete", "v1", "v2")  # as in a clone made before the releases
    shutil.copy(team.clone.path / "config/staging.env", other.clone.path / "config")
    other.run("bin/run", "v2")
    # Tag and configuration are kept here now: neither the remote nor the file is needed.
    team.remote.rename(team.remote.with_name("away"))
    (other.clone.path / "config/staging.env").unlink()
    other.run("bin/run", "v2")
    assert "v3 not in this clone and origin unreachable; " in other.refused(
        "bin/run", "v3", status=NO_REMOTE
    )


def test_the_files_of_the_release_are_used_not_those_checked_out(team: Team) -> None:
    team.clone.write("compose.yaml", "nonsense")
    team.run("bin/run", "v2")
    [folder] = {
        call[call.index("--project-directory") + 1]
        for call in team.calls()
        if "--project-directory" in call
    }
    assert os.path.isabs(folder)
    assert (Path(folder) / "compose.yaml").read_text() == team.git("show", "v2:compose.yaml") + "\n"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param(["v1", "v2"], id="two releases"),
        pytest.param(["v1", "--instances"], id="no number"),
        pytest.param(["v1", "--instances", "0"], id="no instance"),
        pytest.param(["v1", "--instances", "many"], id="not a number"),
        pytest.param(["--instances", "2"], id="a number without a release"),
        pytest.param(["--current", "v1"], id="release and --current"),
        pytest.param(["v1;id"], id="shell syntax"),
    ],
)
def test_a_misuse_gets_one_line(words: list[str], team: Team) -> None:
    result = team.run("bin/run", *words, status=USAGE)
    assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
