"""bin/build: one image from one commit. The refusals are in test_refusals_of_releases.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.releases.releasing import (
    NO_ENGINE,
    NO_REMOTE,
    Team,
    interrupted,
    leftovers,
)
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

LOCAL = re.compile(r"local/visit-counter@sha256:[0-9a-f]{64}")
PUSHED = re.compile(r"ghcr\.io/example/visit-counter@sha256:[0-9a-f]{64}")
SCRIPTS = ["build", "release", "run"]
MISSING = "/nowhere/engine"
# The same line in each script; 5 is the remote or the registry, whichever the script uses.
STATUSES = re.compile(
    r"  0 \w+ · 1 (?:build )?failed · 2 usage · 3 refused · 4 container engine unavailable"
    r" · 5 (?:remote or )?registry unavailable"
)

pytestmark = pytest.mark.releases


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine."""
    return Team.of(bake(), tmp_path / "team").with_fake_engine()


def option(call: list[str], name: str) -> list[str]:
    """Return the values of an option in a call of the engine."""
    return [call[place + 1] for place, word in enumerate(call) if word == name]


# What is built


@pytest.mark.proves("V.1")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(
            lambda team: team.clone.write("Procfile", "web: x\n"), "Procfile", id="modified"
        ),
        pytest.param(lambda team: team.clone.write("new", "x"), "new", id="untracked"),
        pytest.param(
            lambda team: (team.clone.path / "Procfile").unlink(), "Procfile", id="deleted"
        ),
        pytest.param(
            lambda team: (team.clone.write("new", "x"), team.git("add", "new")), "new", id="staged"
        ),
        pytest.param(
            lambda team: team.git("mv", "Procfile", "Other"), "Procfile -> Other", id="renamed"
        ),
    ],
)
def test_uncommitted_changes_are_refused_and_named(
    change: Callable[[Team], object], named: str, team: Team
) -> None:
    team.git("config", "status.showUntrackedFiles", "no")
    change(team)
    line = team.refused("bin/build", "--local")
    assert f" {named}); commit them, or run git stash --include-untracked" in line
    assert team.calls() == []


def test_ignored_files_are_neither_refused_nor_built(team: Team) -> None:
    assert team.git("check-ignore", "config/staging.env")
    assert LOCAL.fullmatch(team.build())
    context = (team.engine / "context").read_text().split()
    assert sorted(context) == sorted(team.git("ls-files").split())


def test_tag_and_labels_of_the_image_name_its_commit(team: Team) -> None:
    team.git("remote", "set-url", "origin", "https://ann:p@ssword@git.example/shop.git")
    team.build()
    [call] = [call for call in team.calls() if call[:2] == ["buildx", "build"]]
    revision, epoch = team.git("log", "-1", "--format=%H %ct").split()
    assert option(call, "--tag") == [f"local/visit-counter:sha-{revision}"]
    given = dict(word.split("=", 1) for word in option(call, "--build-arg"))
    assert given.pop("CREATED").endswith("Z")
    source = "https://git.example/shop.git"
    assert given == {"REVISION": revision, "SOURCE": source, "SOURCE_DATE_EPOCH": epoch}


def test_options_of_buildx_are_passed_on(team: Team) -> None:
    team.build(
        "--local", "--", "--platform", "linux/arm64", "--build-arg", "PYTHON_IMAGE=mirror/py"
    )
    [call] = [call for call in team.calls() if call[:2] == ["buildx", "build"]]
    assert option(call, "--platform") == ["linux/arm64"]
    assert "PYTHON_IMAGE=mirror/py" in call


@pytest.mark.parametrize(
    ("driver", "attested"),
    [
        pytest.param("docker", False, id="built into the engine"),
        pytest.param("docker-container", True, id="a container"),
        pytest.param("kubernetes", True, id="a cluster"),
    ],
)
def test_a_pushed_image_has_sbom_and_provenance_if_the_builder_can_store_them(
    driver: str, attested: bool, team: Team
) -> None:
    team.set("driver", driver)
    assert PUSHED.fullmatch(team.build("--"))
    pushes = [call for call in team.calls() if "--push" in call]
    assert [("--sbom=true" in call, "--provenance=mode=max" in call) for call in pushes] == [
        (attested, attested)
    ]


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda team: team.git("switch", "--quiet", "--detach"), id="detached head"),
        pytest.param(
            lambda team: (
                team.commit("More"),
                team.git("push", "-q", "origin", "main"),
                team.git("reset", "--quiet", "--hard", "HEAD~1"),
            ),
            id="behind the remote",
        ),
        pytest.param(lambda team: team.git("remote", "remove", "origin"), id="no remote"),
    ],
)
def test_any_commit_can_be_built(prepare: Callable[[Team], object], team: Team) -> None:
    prepare(team)
    assert LOCAL.fullmatch(team.build())


def test_a_shallow_clone_can_build(team: Team, tmp_path: Path) -> None:
    team.commit("More")
    team.git("push", "--quiet", "origin", "main")
    clone = tmp_path / "shallow"
    team.git("clone", "--quiet", "--depth", "1", f"file://{team.remote}", str(clone))
    team.clone = BakedProject(clone, team.clone.answers)
    assert (clone / ".git/shallow").exists()
    assert LOCAL.fullmatch(team.build())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="none"),
        pytest.param("# All but\n.git\n.venv\n!.venv/kept\n", id="no allowlist"),
    ],
)
def test_ignored_files_are_no_part_of_an_image_without_an_allowlist(
    text: str | None, team: Team
) -> None:
    (team.clone.path / ".dockerignore").unlink()
    if text:
        team.clone.write(".dockerignore", text)
    team.commit("Change what Docker ignores")
    assert LOCAL.fullmatch(team.build())


# What is refused


def test_an_allowlist_is_read_as_docker_reads_it(team: Team) -> None:
    allowlist = "*\r\n  !/visit_counter/  \r\n**/old\r\n/visit_counter/data/\r\n"
    team.clone.write(".dockerignore", allowlist)
    team.clone.write(".git/info/exclude", "*.html\n")
    team.commit("Change what Docker ignores")
    for folder in ("visit_counter/old", "visit_counter/data", "docs"):
        (team.clone.path / folder).mkdir(exist_ok=True)
        team.clone.write(f"{folder}/new.html", "")
    assert LOCAL.fullmatch(team.build())
    team.clone.write("visit_counter/new.html", "")
    assert "git ignores visit_counter/new.html, " in team.refused("bin/build", "--local")


def test_a_local_build_needs_no_registry(team: Team) -> None:
    team.set("refuses")
    team.refused("bin/build", status=NO_REMOTE)
    assert LOCAL.fullmatch(team.build())


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["bin/build"], id="build"),
        pytest.param(["bin/release", "staging", f"x@sha256:{'0' * 64}"], id="release"),
        pytest.param(["bin/run", "--current"], id="run"),
    ],
)
def test_a_missing_engine_is_named(words: list[str], team: Team) -> None:
    line = team.refused(*words, status=NO_ENGINE, CONTAINER_ENGINE=MISSING)
    assert f"run {MISSING} version, or set CONTAINER_ENGINE" in line
    assert team.published() == {}


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_lists_commands_and_exit_statuses(script: str, team: Team) -> None:
    said = team.run(f"bin/{script}", "--help").stdout
    assert f"bin/{script}" in said
    assert len([*filter(STATUSES.fullmatch, said.splitlines())]) == 1
    assert said.index("Exit status:\n") > 0
    result = team.run(f"bin/{script}", "--nonsense", status=2)
    assert re.fullmatch(rf"usage: bin/{script}( .*)?\n", result.stderr)
    assert result.stdout == ""
    assert team.calls() == []


def test_a_build_can_be_interrupted_at_every_step_and_repeated(team: Team) -> None:
    team.build()
    for number in range(1, 2 * len(team.calls()) + 1):
        team.set("calls")
        team.set("interrupt", str(number))
        process = team.start("bin/build", "--local")
        if not interrupted(process):
            assert process.returncode == 0
            assert number > 1
            return
        assert leftovers(team) == []
    raise AssertionError("every attempt was interrupted")
