"""V. Build, release, run: strictly separated stages. https://12factor.net/build-release-run"""

import re

import pytest

from tests.factors.support.assertions import proves
from tests.factors.support.releases import EXIT_REFUSED, SECRET, add_host
from tests.factors.support.repository import read_texts

# Options and refspecs that delete, move or overwrite a ref: words of a list, or of a shell command
OPTION = r"(--force(-with-lease)?|--delete|--mirror|--prune(-tags)?|-[a-z]*[fdD]|\+refs/\S*)"
FORCED = rf"[\"']{OPTION}[\"']|git (push|fetch|tag|update-ref)\b[^\n]* [\"']?{OPTION}\b"
SCRIPTS = r"bin/(build|release|run)|deploy/\w+\.(py|sh)"
RESTORED = ["Deploy", "Image", "Revision", "Config"]
TRAILERS = ["Deploy", "Kind", "Image", "Revision", "Config"]


@proves("V.1")
@pytest.mark.parametrize("name", ["healthcheck.py", "new"])
def test_a_build_refuses_uncommitted_files(name, team):
    file = team.clone / name
    file.write_text("odd = 1\n")

    assert name in team("bin/build", "--local", status=EXIT_REFUSED)
    team.commit()
    assert team.build().startswith("local/")


@proves("V.1")
def test_a_build_contains_exactly_the_files_of_its_commit(team):
    team.build()
    revision = team("git", "rev-parse", "HEAD")
    [build] = team.builds()

    assert (team.engine / "context").read_text().split() == sorted(team("git", "ls-files").split())
    assert f"REVISION={revision}" in build
    assert [word for word in build if word.endswith(f":sha-{revision}")]
    assert "latest" not in " ".join(build)


@proves("V.3")
def test_twelve_concurrent_releases_get_twelve_ids(team, evidence):
    image = team.build()
    processes = [team.start("bin/release", "staging", image) for _ in range(12)]
    ids = [process.communicate(timeout=120)[0].strip() for process in processes]

    assert [process.returncode for process in processes] == [0] * 12
    assert len(set(ids)) == 12
    assert set(team.ledger()) == set(ids)
    assert team("git", "ls-remote", "--tags", "--refs", "origin").count("\n") == 11
    evidence("12 ids for 12 concurrent releases")


@proves("V.4")
def test_an_existing_id_is_never_reused(team):
    image = team.build()
    first = team("bin/release", "staging", image)
    before = team.tags()
    second = team("bin/release", "staging", image)

    assert second != first
    assert before in team.tags()


@proves("V.4")
def test_no_script_deletes_moves_or_forces_a_tag():
    scripts = read_texts(SCRIPTS)

    assert {"bin/build", "bin/release", "bin/run", "deploy/claim.py"} <= set(scripts)
    assert [name for name, text in scripts.items() if re.search(FORCED, text)] == []


@proves("V.5")
def test_a_release_records_image_deploy_author_and_time(team):
    image = team.build()
    release = team("bin/release", "staging", image)
    text = team("git", "for-each-ref", "--format=%(contents)", f"refs/tags/{release}")
    parsed = dict(line.split(": ") for line in text.split("\n\n")[-1].splitlines())
    shown = team.show(release)

    assert list(parsed) == TRAILERS
    assert {name: shown[name] for name in TRAILERS} == parsed
    assert (parsed["Deploy"], parsed["Kind"], parsed["Image"]) == ("staging", "deploy", image)
    assert parsed["Revision"] == team("git", "rev-list", "-1", release)
    assert re.fullmatch("sha256:[0-9a-f]{64}", parsed["Config"])
    assert shown["Person"] == "Ann"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown["Time"])


@proves("V.2")
def test_one_digest_is_released_to_every_deploy(team):
    image = team.build()
    releases = [team("bin/release", deploy, image) for deploy in ("staging", "production")]

    assert {team.show(release)["Image"] for release in releases} == {image}
    assert len(team.builds()) == 1


@proves("V.6")
def test_a_rollback_is_a_new_release_of_the_old_image_and_configuration(team):
    first = team("bin/release", "staging", team.build())
    team.configure("staging", LOG_LEVEL="DEBUG")
    team.commit()
    team("bin/release", "staging", team.build())
    builds = team.builds()
    back = team("bin/release", "--rollback", first)
    old, new = team.show(first), team.show(back)

    assert back != first
    assert {name: new[name] for name in RESTORED} == {name: old[name] for name in RESTORED}
    assert (new["Kind"], new["Restores"]) == ("rollback", first)
    assert team.builds() == builds
    assert team("bin/run", back)


@proves("V.7")
def test_a_changed_configuration_requires_a_release(team):
    release = team("bin/release", "staging", team.build())
    team("bin/run", release)
    team.configure("staging", LOG_LEVEL="DEBUG")

    assert "bin/release staging" in team("bin/run", release, status=EXIT_REFUSED)
    changed = team("bin/release", "staging")
    assert team.show(changed)["Kind"] == "config"
    assert team("bin/run", changed)


@proves("V.9")
def test_a_dry_run_changes_nothing(team):
    image = team.build()
    remote = team("git", "ls-remote", "origin")
    before = (team.tags(), sorted(team.home.rglob("*")), sorted(team.clone.rglob("*")))
    output = team("bin/release", "staging", image, "--dry-run")

    assert f"Image: {image}" in output
    assert team("git", "ls-remote", "origin") == remote
    assert (team.tags(), sorted(team.home.rglob("*")), sorted(team.clone.rglob("*"))) == before


@proves("V.10")
def test_releases_work_without_remote_and_registry(team):
    team("git", "remote", "remove", "origin")
    image = team.build()
    releases = [team("bin/release", "staging", image) for _ in range(2)]

    assert image.startswith("local/")
    assert len(set(releases)) == 2
    assert team("bin/run", releases[1])


@proves("V.10")
def test_two_hosts_share_one_ledger(team, tmp_path):
    image = team.build()
    first = team("bin/release", "staging", image)
    other = add_host(team, tmp_path / "other")
    second = other("bin/release", "staging", image)

    assert second != first
    assert other("bin/run", first)
    assert team.ledger() == [first, second]


@proves("V.5")
def test_the_ledger_contains_no_secret(team):
    release = team("bin/release", "staging", team.build())
    [config] = [path for path in team.state.rglob("*") if path.is_file()]

    assert SECRET not in team("git", "cat-file", "-p", release)
    assert config.stat().st_mode & 0o777 == 0o400
