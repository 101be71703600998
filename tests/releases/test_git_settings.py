"""No setting of git that a person may have changes a release: the keys come from git itself."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.releases.releasing import Team
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

# Sections that can change what git prints, or which refs it moves
SECTIONS = frozenset(
    [
        "advice",
        "branch",
        "checkout",
        "color",
        "column",
        "commit",
        "core",
        "diff",
        "feature",
        "fetch",
        "format",
        "grep",
        "i18n",
        "index",
        "init",
        "log",
        "merge",
        "pull",
        "push",
        "rebase",
        "rerere",
        "status",
        "submodule",
        "tag",
        "tar",
        "transfer",
        "versionsort",
    ]
)
# Settings that mean another repository, program, template or way to sign; numbers and colors, which git
# reads only when it needs them
EXCLUDED = re.compile(
    "core[.](bare|worktree|gitproxy|sshcommand|askpass|editor|pager|hookspath|attributesfile|excludesfile"
    "|fsmonitor|repositoryformatversion|alternaterefscommand|notesref|sharedrepository|symlinks|ignorecase"
    "|precomposeunicode|abbrev|compression|loosecompression|.*(timeout|threshold|limit|size))"
    "|(commit|tag|push)[.](gpgsign|forcesignannotated)|(fetch|transfer)[.](unpacklimit|hiderefs|advertise.*)"
    "|.*[.](template|templatedir|defaultbranch|external|orderfile|signaturefile)|color[.].*[.].*"
)
PROBES = (
    ["status", "--porcelain"],
    ["log", "-1"],
    ["tag"],
    ["archive", "HEAD"],
    ["fetch", "--dry-run", "--quiet"],
    ["push", "--dry-run", "--quiet", "origin", "main"],
)
ROUNDS = (["true", "always", "1"], ["false", "never", "0"])


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine."""
    return Team.of(bake(), tmp_path / "team").with_fake_engine()


def list_keys() -> list[str]:
    """Return every key of the sections that git knows."""
    words = ["git", "help", "--config"]
    keys = subprocess.run(words, capture_output=True, text=True, check=True).stdout.lower().split()
    found = [key for key in keys if key.partition(".")[0] in SECTIONS and "<" not in key]
    return [key for key in found if "*" not in key and not EXCLUDED.fullmatch(key)]


def is_accepted(team: Team, key: str, value: str) -> bool:
    """Return True if git works with a setting, and complains of nothing."""
    given = ["git", "-C", str(team.clone.path), "-c", f"{key}={value}"]
    results = [subprocess.run([*given, *words], capture_output=True) for words in PROBES]
    return not any(result.returncode or result.stderr for result in results)


def choose(team: Team, values: list[str]) -> dict[str, str]:
    """Return the first accepted value of every key that has one."""

    def find(key: str) -> str | None:
        return next((value for value in values if is_accepted(team, key, value)), None)

    keys = list_keys()
    with ThreadPoolExecutor() as threads:
        chosen = zip(keys, threads.map(find, keys), strict=True)
    return {key: value for key, value in chosen if value}


@pytest.mark.parametrize("values", ROUNDS, ids=lambda values: values[0])
def test_a_release_is_the_same_with_every_setting(values: list[str], team: Team) -> None:
    settings = choose(team, values)
    assert len(settings) > 100
    for key, value in settings.items():
        team.git("config", "--global", key, value)
    image = team.build()
    assert re.fullmatch("local/visit-counter@sha256:[0-9a-f]{64}", image)
    assert [team.release("staging", image) for _ in range(2)] == ["v1", "v2"]
    assert team.ledger() == ["v1", "v2"]
    assert [*team.published()] == ["refs/tags/v1", "refs/tags/v2"]
    team.run("bin/run", "v2")
