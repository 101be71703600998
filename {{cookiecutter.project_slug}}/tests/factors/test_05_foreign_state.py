"""V. Build, release, run: on any host, and of a complete commit. https://12factor.net/build-release-run"""

import shutil

from tests.factors.support.assertions import proves
from tests.factors.support.instance import PACKAGE
from tests.factors.support.releases import EXIT_REFUSED

EXIT_NO_REMOTE = 5
# Settings of a person that change what the porcelain of git prints, reads or pushes.
CONFIGURATION = """
[column]
ui = always
[color]
ui = always
[core]
autocrlf = true
quotePath = false
[log]
showSignature = true
[status]
showUntrackedFiles = no
[tag]
sort = -version:refname
[push]
default = nothing
followTags = true
"""


def release(team):
    """Build and release, and return what the ledger records of it."""
    return team.show(team("bin/release", "staging", team.build()))


@proves("V.11")
def test_the_git_configuration_of_a_person_changes_nothing(team):
    expected, context = release(team), (team.engine / "context").read_text()
    with (team.home / "gitconfig").open("a") as file:
        file.write(CONFIGURATION)

    found = release(team)
    assert {name for name in expected if found[name] != expected[name]} <= {"Release", "Time"}
    assert (team.engine / "context").read_text() == context
    (team.clone / "new").write_text("odd = 1\n")
    assert "new" in team("bin/build", "--local", status=EXIT_REFUSED)


@proves("V.11")
def test_the_variables_of_a_git_hook_change_nothing(team, tmp_path):
    revision = team("git", "rev-parse", "HEAD")
    other = tmp_path / "other"
    team("git", "init", "--quiet", str(other))
    inherited = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other), "CDPATH": "/"}
    team.environ |= inherited

    image = team.build()
    assert team.show(team("bin/release", "staging", image))["Revision"] == revision


@proves("V.11")
def test_a_release_is_in_the_only_remote_whatever_its_name(team):
    team("git", "remote", "rename", "origin", "upstream")
    release_id = team("bin/release", "staging", team.build())

    assert f"refs/tags/{release_id}" in team("git", "ls-remote", "--tags", "upstream")


@proves("V.11")
def test_a_release_that_the_remote_refuses_is_no_release(team):
    image, before = team.build(), team.tags()
    [remote] = team.home.parent.glob("remote.git")
    hook = remote / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    team("bin/release", "staging", image, status=EXIT_NO_REMOTE)
    assert team.tags() == before
    assert team.ledger() == []


@proves("V.12")
def test_a_submodule_is_refused(team):
    head = team("git", "rev-parse", "HEAD")
    team("git", "update-index", "--add", "--cacheinfo", f"160000,{head},{PACKAGE}/parts")
    team("git", "commit", "--quiet", "--message", "Add a submodule")

    assert f"{PACKAGE}/parts is a submodule" in team("bin/build", "--local", status=EXIT_REFUSED)


@proves("V.12")
def test_an_ignored_file_of_the_image_is_refused(team):
    (team.clone / ".git/info/exclude").write_text("*.dat\n")
    (team.clone / PACKAGE / "words.dat").write_text("odd\n")

    assert f"{PACKAGE}/words.dat" in team("bin/build", "--local", status=EXIT_REFUSED)


@proves("V.12")
def test_a_service_in_a_folder_of_a_repository_is_refused(team):
    shutil.rmtree(team.clone / ".git")
    team("git", "init", "--quiet", "..")

    assert "not the root" in team("bin/build", "--local", status=EXIT_REFUSED)
