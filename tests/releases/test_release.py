"""bin/release: a ledger in git with unique, ordered ids. The refusals are in test_refusals_of_releases.py."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.releases.releasing import (
    DONE,
    FAILED,
    NO_REMOTE,
    SECRET,
    USAGE,
    Team,
    another_host,
    interrupted,
    leftovers,
)
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally

pytestmark = pytest.mark.releases

MINUTES = "%Y-%m-%d-%H-%M"
ELSEWHERE = f"registry.example.com/shop@sha256:{'0' * 64}"
HOOK = "#!/bin/sh\necho 'no tags today' >&2\nexit 1\n"


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine."""
    return Team.of(bake(), tmp_path / "team").with_fake_engine()


@pytest.fixture
def minutely(bake: Bake, tmp_path: Path) -> Team:
    """Return a team whose release ids are minutes."""
    return Team.of(bake(release_ids="timestamp"), tmp_path / "minutely").with_fake_engine()


# Ids


def test_an_id_follows_every_tag_of_its_form(team: Team) -> None:
    image = team.build()
    assert [team.release("staging", image) for _ in range(2)] == ["v1", "v2"]
    team.git("tag", "v9")  # lightweight: takes the name
    assert team.release("staging", image) == "v10"
    team.git("tag", "v1.2.3")
    team.git("push", "--quiet", "origin", "HEAD:refs/tags/v011")
    assert team.release("production", image) == "v12"
    assert team.ledger() == ["v1", "v2", "v10", "v12"]


def test_ids_are_minutes_in_order(minutely: Team) -> None:
    image = minutely.build()
    before = datetime.now(UTC)
    first, second = (minutely.release("staging", image) for _ in range(2))
    limits = [before.strftime(MINUTES), (before + timedelta(minutes=3)).strftime(MINUTES)]
    assert sorted([*limits, first, second]) == [limits[0], first, second, limits[1]]
    assert first < second
    # A release of another host, whose clock is ahead
    minutely.git("push", "--quiet", "origin", "HEAD:refs/tags/2099-12-31-23-59")
    assert minutely.release("staging", image) == "2100-01-01-00-00"
    assert len(minutely.ledger()) == 3


@pytest.mark.proves("V.3")
@pytest.mark.parametrize("remote", [True, False], ids=["remote", "no remote"])
@pytest.mark.parametrize("kind", ["sequence", "timestamp"])
def test_twelve_concurrent_releases_of_two_hosts_get_twelve_ids(
    kind: str, remote: bool, bake: Bake, tmp_path: Path, tally: Tally
) -> None:
    team = Team.of(bake(release_ids=kind), tmp_path / "team").with_fake_engine()
    image = team.build()
    hosts = [team, another_host(team) if remote else team]
    if not remote:
        team.git("remote", "remove", "origin")
    started = [hosts[n % 2].start("bin/release", "staging", image) for n in range(12)]
    ids = [process.communicate(timeout=200)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0] * 12
    assert len(set(ids)) == 12
    assert set(team.ledger()) == set(ids)
    assert len(set((team.published() if remote else team.tags()).values())) == 12
    assert leftovers(team) == []
    tally("releases at once, each with an id of its own", 12)


# The remote


def test_a_stale_clone_releases_after_the_latest_release_of_others(team: Team) -> None:
    image = team.build()
    other = another_host(team)
    other.release("production", image)
    assert team.tags() == {}
    assert team.release("staging", image) == "v2"
    assert team.ledger() == other.ledger() == ["v1", "v2"]
    assert other.run("bin/release", "--show", "v2").stdout


def test_a_release_from_a_shallow_clone_or_a_detached_head(team: Team, tmp_path: Path) -> None:
    team.commit("More")
    team.git("push", "--quiet", "origin", "main")
    team.release("staging", team.build())
    clone = tmp_path / "shallow" / team.clone.path.name
    team.git("clone", "--quiet", "--depth", "1", f"file://{team.remote}", str(clone))
    shutil.copytree(team.clone.path / "config", clone / "config", dirs_exist_ok=True)
    old, team.clone = team.clone, BakedProject(clone, team.clone.answers)
    team.git("switch", "--quiet", "--detach")
    assert team.release("production", team.build()) == "v2"
    # An image of a commit missing in this clone
    shallow, team.clone = team.clone, old
    team.git("switch", "--quiet", "--detach", "HEAD~1")
    image = team.build()
    team.clone = shallow
    assert "--unshallow" in team.refused("bin/release", "staging", image)


def test_without_its_remote_a_clone_lists_releases_but_makes_none(team: Team) -> None:
    image = team.build()
    team.release("staging", image)
    team.remote.rename(team.remote.with_name("away"))
    line = team.refused("bin/release", "staging", image, status=NO_REMOTE)
    assert "cannot fetch the ledger from origin; run git ls-remote origin" in line
    assert list(team.tags()) == ["refs/tags/v1"]
    listed = team.run("bin/release", "--list")
    assert listed.stdout.startswith("v1 ")
    assert "using the tags of this clone; run git ls-remote origin" in listed.stderr
    team.remote.with_name("away").rename(team.remote)
    assert team.release("staging", image) == "v2"


def test_a_rejected_push_records_nothing_and_can_be_repeated(team: Team) -> None:
    image = team.build()
    hook = team.remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(HOOK)
    hook.chmod(0o755)
    line = team.refused("bin/release", "staging", image, status=NO_REMOTE)
    assert "origin rejected tag v1" in line
    assert (team.tags(), team.published()) == ({}, {})
    hook.unlink()
    assert team.release("staging", image) == "v1"
    assert team.tags() == team.published()


def wrap_git(team: Team, script: str) -> None:
    """Put a script before git on the PATH; $GIT is the real git."""
    folder = team.home / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "git").write_text(f"#!/bin/sh\nGIT={shutil.which('git')}\n{script}\n")
    (folder / "git").chmod(0o755)
    team.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param('"$GIT" "$@" >/dev/null; echo lost; exit 128', 0, id="remote back"),
        pytest.param(
            f'"$GIT" "$@" >/dev/null; mv ../{"remote.git"} ../away; echo lost; exit 128',
            NO_REMOTE,
            id="remote unreachable",
        ),
    ],
)
def test_a_connection_lost_after_the_push_loses_no_release(
    script: str, status: int, team: Team
) -> None:
    image = team.build()
    wrap_git(team, f'case " $* " in *" push "*) {script} ;; esac\nexec "$GIT" "$@"')
    result = team.run("bin/release", "staging", image, status=status)
    if status:
        assert "run bin/release --list to see whether it was recorded" in result.stderr
        assert "lost" in result.stderr.splitlines()
        team.remote.with_name("away").rename(team.remote)
    else:
        assert result.stdout == "v1\n"
    wrap_git(team, 'exec "$GIT" "$@"')
    assert team.ledger() == ["v1"]
    team.run("bin/run", "v1")


@pytest.mark.parametrize(
    ("script", "note"),
    [
        pytest.param('"$GIT" "$@"; exit 1', "", id="fetched meanwhile"),
        pytest.param(
            "exit 1",
            "recorded v1, but not here; run git fetch origin tag v1",
            id="full disk",
        ),
    ],
)
def test_a_tag_that_is_not_written_here_is_recorded_in_the_remote(
    script: str, note: str, team: Team
) -> None:
    image = team.build()
    wrap_git(team, f'case " $* " in *" update-ref "*) {script} ;; esac\nexec "$GIT" "$@"')
    result = team.run("bin/release", "staging", image)
    lines = [line for line in result.stderr.splitlines() if line.startswith("bin/release: ")]
    assert lines[:-1] == ([f"bin/release: {note}"] if note else [])
    assert list(team.published()) == ["refs/tags/v1"]


# The record


def signing(team: Team) -> None:
    """Have git sign tags with a new key, by a setting that holds for one folder."""
    key = team.home / "key"
    team.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    signers = team.home / "signers"
    signers.write_text(f"ann@example.com {key.with_suffix('.pub').read_text()}")
    (team.home / "signing").write_text(
        f'[gpg]\nformat = ssh\n[gpg "ssh"]\nallowedSignersFile = {signers}\n'
        f"[user]\nsigningKey = {key}.pub\n[tag]\ngpgSign = true\n"
    )
    with (team.home / "gitconfig").open("a") as config:
        config.write(f'[includeIf "gitdir:{team.home.parent}/"]\npath = {team.home}/signing\n')


def test_tags_are_signed_if_git_is_configured_to_sign(team: Team) -> None:
    signing(team)
    release = team.release("staging", image := team.build())
    assert "Good" in team.run("git", "verify-tag", release).stderr
    assert team.show(release)["Image"] == image
    assert team.release("--rollback", release) == "v2"
    (team.home / "key").unlink()
    # Whether git fails or goes on unsigned depends on its version.
    assert "key" in team.refused("bin/release", "staging", image, status=FAILED)
    assert team.ledger() == ["v1", "v2"]


def test_a_rollback_can_be_rolled_back(team: Team) -> None:
    old = team.release("production", team.build())
    team.commit("Change")
    team.configure("production", LOG_LEVEL="DEBUG")
    new = team.release("production", team.build())
    back = team.release("--rollback", old)
    forth = team.release("--rollback", back)
    again = team.release("--rollback", new)
    for one, restored in ((back, old), (forth, old), (again, new)):
        same = ("Deploy", "Image", "Revision", "Config")
        assert [team.show(one)[key] for key in same] == [team.show(restored)[key] for key in same]
    assert [team.show(one)["Restores"] for one in (back, forth, again)] == [old, back, new]
    for release in (back, again):
        team.run("bin/run", release)


def test_a_rollback_can_keep_the_present_configuration(team: Team) -> None:
    old = team.release("production", team.build())
    team.commit("Change")
    team.configure("production", LOG_LEVEL="DEBUG")
    new = team.release("production", team.build())
    kept = team.show(team.release("--rollback", old, "--keep-config"))
    assert kept["Image"] == team.show(old)["Image"]
    assert kept["Config"] == team.show(new)["Config"]
    team.configure("production", LOG_LEVEL="ERROR")
    assert "has changed since" in team.refused("bin/run", kept["Release"])


def test_a_digest_is_promoted_without_a_build(team: Team) -> None:
    first = team.release("staging", team.build())
    promoted = team.release("production", team.show(first)["Image"])
    assert team.show(promoted)["Image"] == team.show(first)["Image"]
    assert len([call for call in team.calls() if call[:2] == ["buildx", "build"]]) == 1


def test_a_diff_of_configurations_prints_names_without_values(team: Team) -> None:
    first = team.release("staging", team.build())
    text = team.clone.read("config/staging.env")
    changed = re.sub("^PROXY_HOPS=.*\n", "", text.replace(SECRET, SECRET[::-1]), flags=re.M)
    team.clone.write("config/staging.env", f"{changed}EXTRA=hush\n")
    second = team.release("staging")
    said = team.run("bin/release", "--diff", first, second).stdout
    assert said == "EXTRA added\nPROXY_HOPS removed\nREDIS_URL changed\nSECRET_KEY changed\n"
    assert team.run("bin/release", "--diff", first, first).stdout == ""


def test_a_secret_is_in_its_configuration_file_only(team: Team) -> None:
    release = team.release("staging", team.build())
    team.run("bin/run", release)
    team.git("gc", "--quiet", "--prune=now")
    assert SECRET not in str(team.calls())
    assert SECRET not in team.git("cat-file", "--batch-all-objects", "--batch")
    folder = team.home / "state/visit-counter"
    private = [path for path in folder.rglob("*.env") if path.parent.name == "config"]
    assert {path.stat().st_mode & 0o777 for path in private} <= {0o400, 0o600}
    assert (folder / "config").stat().st_mode & 0o777 == 0o700


@pytest.mark.proves("V.9")
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["production"], id="a configuration"),
        pytest.param(["--rollback", "v1"], id="a rollback"),
    ],
)
def test_a_dry_run_prints_the_record_and_changes_nothing(words: list[str], team: Team) -> None:
    team.release("production", team.build())
    team.configure("production", LOG_LEVEL="DEBUG")
    before = (team.tags(), team.published(), team.kept(), team.clone.state())
    said = team.run("bin/release", *words, "--dry-run").stdout
    assert said.startswith("v2: ")
    assert (team.tags(), team.published(), team.kept(), team.clone.state()) == before
    assert team.release(*words) == "v2"
    assert team.git("tag", "--list", "--format=%(contents:subject)", "v2") in said


def test_the_ledger_and_a_record_are_printed_as_json(team: Team) -> None:
    first = team.release("staging", team.build())
    second = team.release("production", team.show(first)["Image"])
    back = team.release("--rollback", first)
    record = json.loads(team.run("bin/release", "--show", back, "--json").stdout)
    shown = {name.lower(): value for name, value in team.show(back).items()}
    assert record == {"id": shown.pop("release"), **shown}
    listed = json.loads(team.run("bin/release", "--list", "--json").stdout)
    assert [release["id"] for release in listed] == [first, second, back]
    assert [release["restores"] for release in listed] == [None, None, first]
    assert listed[-1] == record
    own = json.loads(team.run("bin/release", "--list", "production", "--json").stdout)
    assert own == [listed[1]]


# Usage


@pytest.mark.parametrize(
    "words",
    [
        pytest.param([], id="nothing"),
        pytest.param(["staging", "shop:latest"], id="a tag for an image"),
        pytest.param(["../staging", ELSEWHERE], id="a path for a deploy"),
        pytest.param(["--rollback"], id="a rollback to nothing"),
        pytest.param(["--list", "--dry-run"], id="a dry run of a list"),
        pytest.param(["--rollback", "v1", "--json"], id="JSON of a rollback"),
        pytest.param(["staging", ELSEWHERE, "more"], id="too many words"),
        pytest.param(["staging; id"], id="shell syntax"),
    ],
)
def test_a_misuse_gets_one_line(words: list[str], team: Team) -> None:
    result = team.run("bin/release", *words, status=USAGE)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


# Instances


@pytest.mark.parametrize(
    "switch", [pytest.param("", id="replaced"), pytest.param("slow", id="removed")]
)
def test_an_instance_is_stopped_with_the_grace_period_of_compose(switch: str, team: Team) -> None:
    first = team.release("staging", image := team.build())
    team.run("bin/run", first)
    second = team.release("staging", image)
    if switch:
        team.set(switch)
    team.run("bin/run", second, status=FAILED if switch else DONE)
    calls = [call for call in team.calls() if call[0] in {"stop", "kill", "rm"}]
    # Without --time the engine waits for the container's own time-out: stop_grace_period.
    assert [call[0] for call in calls] == ["stop", "rm"]
    assert all(re.fullmatch("[0-9a-f]{64}", word) for call in calls for word in call[1:])
    assert [release for release, _ in team.containers()] == [first if switch else second]


# Interrupts


def test_a_release_can_be_interrupted_at_every_step_and_repeated(team: Team, tally: Tally) -> None:
    image = team.build()
    (count := team.home / "count").write_text("")
    step = 'echo >>"$COUNT"; [ "$(wc -l <"$COUNT")" != "$STEP" ] || kill -INT 0'
    wrap_git(team, f'if [ -n "${{COUNT:-}}" ]; then {step}; fi\nexec "$GIT" "$@"')
    number = stopped = 0
    while number <= len(count.read_text().splitlines()) or not number:
        number += 1
        count.write_text("")
        before = list(team.published())
        process = team.start("bin/release", "staging", image, COUNT=str(count), STEP=str(number))
        was = interrupted(process)
        assert process.returncode == 0 or was
        new = set(team.published()) - set(before)
        assert len(new) in ({0, 1} if was else {1})
        assert leftovers(team) == []
        stopped += was
    # Two steps of one pipeline may both be counted before SIGINT stops either.
    assert stopped > 10
    assert len(team.ledger()) == len(team.published())
    tally("steps of a release that were interrupted", stopped)
