"""Neither the user's git configuration nor inherited variables change a build, a release or a run."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.releases.releasing import FAILED, Team
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

SCRIPTS = ["build", "release", "run"]


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine."""
    return Team.of(bake(), tmp_path / "team").with_fake_engine()


def set_in_git(**settings: str) -> Callable[[Team], None]:
    """Return a function that writes the user's git configuration; "_" stands for a dot."""

    def prepare(team: Team) -> None:
        for name, value in settings.items():
            team.git("config", "--global", name.replace("_", "."), value)

    return prepare


def set_variables(**variables: str) -> Callable[[Team], None]:
    """Return a function that sets environment variables."""
    return lambda team: team.environ.update(variables)


def run_as_hook(team: Team) -> None:
    """Set the variables of a git hook, with another repository and its index."""
    other = team.home / "other"
    team.git("init", "--quiet", str(other))
    team.environ |= {"GIT_DIR": f"{other}/.git", "GIT_INDEX_FILE": f"{other}/.git/index"}


def rename_remote(team: Team) -> None:
    """Rename the only remote."""
    team.git("remote", "rename", "origin", "upstream")


def add_fork(team: Team) -> None:
    """Add a second remote; the branch follows the first one."""
    team.git("branch", "--quiet", "--set-upstream-to", "origin/main")
    team.git("remote", "add", "fork", "https://git.example/fork.git")


def remove_remote(team: Team) -> None:
    """Remove the remote, and forbid git to fetch from folders."""
    team.git("remote", "remove", "origin")
    set_in_git(protocol_file_allow="never")(team)


def move_to(team: Team, path: Path) -> None:
    """Give the team another folder of the service, with its configurations."""
    for file in (team.clone.path / "config").glob("*.env"):
        shutil.copy(file, path / "config")
    team.clone = BakedProject(path, team.clone.answers)


def add_worktree(team: Team) -> None:
    """Work in a worktree whose path has a space and a colon."""
    path = team.home / "a work: tree"
    team.git("worktree", "add", "--quiet", "-b", "work", str(path))
    move_to(team, path)


def add_submodule(team: Team) -> None:
    """Work in a submodule of another repository, where git keeps the path of the worktree."""
    path = team.home / "super"
    team.git("init", "--quiet", str(path))
    words = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    team.git("-C", str(path), *words, str(team.remote), "service")
    move_to(team, path / "service")
    team.git("tag", "v8")


STATES = {
    "columns": set_in_git(column_ui="always", tag_sort="-refname", versionsort_suffix="v"),
    "signatures in the log": set_in_git(log_showSignature="true"),
    "hidden untracked files": set_in_git(status_showUntrackedFiles="no"),
    "pruned tags": set_in_git(fetch_prune="true", fetch_pruneTags="true"),
    "followed tags": set_in_git(push_followTags="true", push_default="nothing"),
    "line ends of Windows": set_in_git(core_autocrlf="true", core_eol="crlf"),
    "private archives": set_in_git(tar_umask="0077"),
    "a renamed remote": rename_remote,
    "a fork": add_fork,
    "no remote, and no fetch from folders": remove_remote,
    "a tape": set_variables(TAPE="/dev/null"),
    "a git hook": run_as_hook,
    "a worktree": add_worktree,
    "a submodule": add_submodule,
    "names and paths of git": set_variables(
        GIT_CONFIG="/dev/null", GIT_NAMESPACE="other", GIT_LITERAL_PATHSPECS="1"
    ),
    "CDPATH": set_variables(CDPATH=f".:/:{os.fspath(Path(__file__).parents[2])}"),
    "another Python": set_variables(PYTHONHOME="/nowhere", PYTHONPATH="/nowhere"),
    "a safe path": set_variables(PYTHONSAFEPATH="1", PYTHONOPTIMIZE="2", PYTHONWARNINGS="error"),
    "no UTF-8": set_variables(LC_ALL="C", LANGUAGE="de", PYTHONUTF8="0", PYTHONIOENCODING="ascii"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_release_is_the_same(state: str, team: Team) -> None:
    team.git("tag", "v8")
    STATES[state](team)
    image = team.build()
    assert re.fullmatch("local/visit-counter@sha256:[0-9a-f]{64}", image)
    epoch = [word for call in team.calls() for word in call if "SOURCE_DATE_EPOCH=" in word]
    assert all(re.fullmatch(r"SOURCE_DATE_EPOCH=\d+", word) for word in epoch)
    assert [team.release("staging", image) for _ in range(2)] == ["v9", "v10"]
    assert team.ledger() == ["v9", "v10"]
    if "no remote" not in state:
        assert [*team.published()] == ["refs/tags/v10", "refs/tags/v9"]
    team.run("bin/run", "v10")
    files = team.home / "state/visit-counter/releases/v10"
    assert b"\r" not in (files / "compose.yaml").read_bytes()
    modes = {path.stat().st_mode & 0o777 for path in (files, *(files / "deploy").rglob("*"))}
    assert modes == {0o644, 0o755}


def test_files_of_a_release_are_readable_with_a_private_umask(team: Team) -> None:
    team.release("staging", team.build())
    team.run("sh", "-c", "umask 077; bin/run v1")
    config = team.home / "state/visit-counter/releases/v1/deploy/haproxy/haproxy.cfg"
    assert config.stat().st_mode & 0o777 == 0o644
    assert config.parent.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("tag", "following"),
    [
        pytest.param("v2147483647", "v2147483648", id="a 32-bit limit"),
        pytest.param("v20240131123456", "v20240131123457", id="a time"),
        pytest.param("v" + "9" * 30, "v1" + "0" * 30, id="a 64-bit limit"),
    ],
)
def test_an_id_beyond_machine_integers_is_listed_and_run(
    tag: str, following: str, team: Team
) -> None:
    team.git("tag", tag)
    assert team.release("staging", team.build()) == following
    assert team.ledger() == [following]
    team.run("bin/run", following)


def test_a_tag_of_a_tag_is_no_release(team: Team) -> None:
    team.release("staging", team.build())
    message = team.git("for-each-ref", "--format=%(contents)", "refs/tags/v1")
    team.git("tag", "--annotate", "--message", message, "v7", "v1")
    team.git("push", "--quiet", "origin", "v7")
    assert team.ledger() == ["v1"]
    assert "no release v7; " in team.refused("bin/run", "v7")


def test_a_tag_without_a_tagger_is_no_release(team: Team) -> None:
    team.release("staging", team.build())
    file = team.home / "tag"
    file.write_text(re.sub("\ntagger .*", "", team.git("cat-file", "tag", "v1")))
    tag = team.git("hash-object", "--literally", "-t", "tag", "-w", str(file))
    team.git("update-ref", "refs/tags/v7", tag)
    assert "no release v7; " in team.refused("bin/run", "v7")


@pytest.mark.parametrize("tag", ["9999-12-31-23-59", "2099-13-45-99-99"])
def test_a_tag_without_a_following_minute_is_passed_over(
    tag: str, bake: Bake, tmp_path: Path
) -> None:
    team = Team.of(bake(release_ids="timestamp"), tmp_path / "team").with_fake_engine()
    team.git("tag", tag)
    assert team.release("staging", team.build()).startswith("20")


def test_the_state_folder_must_be_absolute(team: Team) -> None:
    image = team.build()
    line = team.refused("bin/release", "staging", image, XDG_STATE_HOME="state")
    assert line.endswith(": state folder state is relative; set XDG_STATE_HOME to an absolute path")
    assert team.published() == {}


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_needs_no_home(script: str, team: Team) -> None:
    command = f"unset HOME XDG_STATE_HOME; exec bin/{script} --help"
    assert team.run("sh", "-c", command).stdout.startswith("usage: ")


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_host_without_python_gets_one_line(script: str, team: Team) -> None:
    folder = team.home / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "dirname"):
        (folder / name).symlink_to(str(shutil.which(name)))
    wanted = team.clone.read(".python-version").strip()
    line = team.refused(f"bin/{script}", "v1", status=FAILED, PATH=str(folder))
    remedy = f"install Python {wanted} or add it to the PATH"
    assert line == f"bin/{script}: no Python {wanted} or ≥ 3.9 found; {remedy}"


def test_a_disk_error_gets_one_line(team: Team) -> None:
    state = team.home / "file"
    state.write_text("")
    image = team.build()
    line = team.refused("bin/release", "staging", image, status=FAILED, XDG_STATE_HOME=str(state))
    assert re.search("Not a directory; correct it, then repeat bin/release$", line)


def test_a_closed_pipe_is_no_error(team: Team) -> None:
    team.release("staging", team.build())
    result = team.run("sh", "-c", "bin/release --list | true; bin/release --list | head -c 2")
    assert (result.stdout, result.stderr) == ("v1", "")


def test_an_unreadable_ledger_is_no_empty_ledger(team: Team) -> None:
    image = team.build()
    team.release("staging", image)
    tag = team.git("rev-parse", "v1")
    (team.clone.path / ".git/objects" / tag[:2] / tag[2:]).unlink()
    team.git("remote", "remove", "origin")
    line = team.refused("bin/release", "staging", image, status=FAILED)
    assert line.startswith("bin/release: git failed with exit status ")
