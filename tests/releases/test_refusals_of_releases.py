"""Each refusal of bin/build, bin/release and bin/run: what was done, and the exact line on stderr."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.releases.releasing import Team, leftovers
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

MAX_PROBLEM_WORDS = 8
# Shell functions for the first line of an entry.
FUNCTIONS = r"""
set -eu
instead_of() { # PROGRAM WORDS COMMAND: run a command when the program is called with these words
    program=$HOME/bin/$1
    [ "$1" = git ] || program=$CONTAINER_ENGINE
    real=$(command -v git)
    mkdir -p "$HOME/bin"
    [ -e "$program" ] || printf '#!/bin/sh\nexec %s "$@"\n' "$real" >"$program"
    last=$(tail -n 1 "$program")
    printf '#!/bin/sh\ncase " $* " in *" %s "*) %s ;; esac\n%s\n' "$2" "$3" "$last" >"$program"
    chmod +x "$program"
}
set_in_staging() { # NAME=VALUE: change a setting
    sed -i "s|^${1%%=*}=.*|$1|" config/staging.env
}
"""

# A table of three lines an entry: what was done after a first release v1 of staging; the exit
# status and the command; the line on stderr after the name of the script.
TABLE = r"""
rm -rf .git
3 bin/build
no git repository here; run git init

mv .git ../.git
3 bin/build
visit-counter/ is not the root of its repository; give the service a repository of its own

instead_of git 'rev-parse --show-prefix' "echo warning: slow >&2; echo \"fatal: detected dubious ownership in repository at '/x'\" >&2; exit 128"
3 bin/build
git cannot read this repository (detected dubious ownership in repository at '/x'); run git status

git remote add fork ../fork.git; git switch --quiet --detach
3 bin/build
several remotes (fork, origin); run git config remote.pushDefault fork, or another one

rm -rf .git; git init -q
3 bin/build
no commit yet; run git add --all && git commit

: >new
3 bin/build
uncommitted changes (?? new); commit them, or run git stash --include-untracked

git update-index --add --cacheinfo 160000,{revision},vendor/shop; git commit -qm "Add a submodule"
3 bin/build
vendor/shop is a submodule, which no image contains; commit its files, or install it from requirements.in

echo '*.html' >.git/info/exclude; : >visit_counter/new.html
3 bin/build
git ignores visit_counter/new.html, which the image needs; run git add --force visit_counter/new.html, or add it to .dockerignore

echo '*.html' >.git/info/exclude; : >'visit_counter/a page.html'
3 bin/build
git ignores visit_counter/a page.html, which the image needs; run git add --force 'visit_counter/a page.html', or add it to .dockerignore

instead_of engine 'buildx version' 'exit 1'
4 bin/build
container engine {engine} has no buildx; run {engine} buildx version, or set CONTAINER_ENGINE

: >"$FAKE_ENGINE/down"
4 bin/build
container engine {engine} does not answer; run {engine} version, or set CONTAINER_ENGINE

: >"$FAKE_ENGINE/broken"
1 bin/build
image build failed; fix the error, or run bin/build -- --progress=plain for details

: >"$FAKE_ENGINE/broken"
1 bin/build --local
image build failed; fix the error, or run bin/build --local -- --progress=plain for details

instead_of engine 'image inspect' 'exit 1'
1 bin/build --local
builder loaded no image; run bin/build --local without options of its output

: >"$FAKE_ENGINE/refuses"
5 bin/build
push to ghcr.io failed; run {engine} login ghcr.io, or bin/build --local without a registry

instead_of engine --push 'for word; do case $word in */metadata) : >"$word" ;; esac; done; exit 0'
1 bin/build
builder reported no image digest; upgrade buildx: {engine} buildx version prints the installed one

rm -rf .git
3 bin/release --list
no git repository here; run git init

:
2 bin/release Staging {image}
invalid deploy name Staging; use lower-case letters, digits and hyphens

:
2 bin/release staging shop:latest
not an image digest: shop:latest; run bin/build, which prints name@sha256:…

:
3 bin/release production
production has no release yet; run bin/release production "$(bin/build)"

:
3 bin/release staging
config/staging.env is unchanged since v1; run bin/run v1

:
3 bin/release --rollback v7
no release v7; run bin/release --list

:
3 bin/release --show v7
no release v7; run bin/release --list

:
3 bin/release --diff v1 v7
no release v7; run bin/release --list

git tag --annotate --message 'Deploy: staging' v7
3 bin/release --rollback v7
no release v7; run bin/release --list

: >"$FAKE_ENGINE/down"
4 bin/release staging {image}
container engine {engine} does not answer; run {engine} version, or set CONTAINER_ENGINE

:
3 bin/release staging local/visit-counter@sha256:{zeros}
no image local/visit-counter@sha256:{zeros} on this host; run git checkout REVISION && bin/build --local

rm -r "$FAKE_ENGINE/images"
3 bin/release --rollback v1
no image {image} on this host; run git checkout {revision} && bin/build --local

:
5 bin/release staging registry.example.com/shop@sha256:{zeros}
cannot pull registry.example.com/shop@sha256:{zeros}; run {engine} login registry.example.com, or bin/build if it was deleted

echo '{"Id": "", "Config": {}}' >"$FAKE_ENGINE/images/sha256-{zeros}"
3 bin/release staging local/visit-counter@sha256:{zeros}
revision unknown of local/visit-counter@sha256:{zeros} not found; run git fetch (shallow clone: git fetch --unshallow), or bin/build

:
3 bin/release nightly {image}
no config/nightly.env; run cp config/staging.env.example config/nightly.env and edit it

set_in_staging 'LOG_LEVEL="INFO"'
3 bin/release staging
config/staging.env, line {log_level}: expected NAME=value; remove quotes, $, \, control characters, comments and outer spaces

set_in_staging 'LOG_LEVEL=a$b'
3 bin/release staging
config/staging.env, line {log_level}: expected NAME=value; remove quotes, $, \, control characters, comments and outer spaces

set_in_staging LOG_LEVEL=LOUD
3 bin/release staging
the service rejects config/staging.env; edit it, then run bin/release staging {image} --dry-run

instead_of engine 'run --rm' 'exit 125'
4 bin/release staging {image}
cannot run {image} (exit status 125); run {engine} run --rm {digest} true

instead_of engine 'run --rm' 'kill -9 $$'
4 bin/release staging {image}
cannot run {image} (exit status 137); run {engine} run --rm {digest} true

rm -r "$XDG_STATE_HOME"
3 bin/release --rollback v1
configuration of v1 missing or modified here; copy {kept} from the host that released v1

chmod u+w "{kept}"; echo >>"{kept}"
3 bin/release --rollback v1
configuration of v1 missing or modified here; copy {kept} from the host that released v1

git remote set-url origin ../nowhere.git
5 bin/release staging {image}
cannot fetch the ledger from origin; run git ls-remote origin

instead_of git ls-remote 'exit 128'
5 bin/release staging {image}
cannot list the tags of origin; run git ls-remote origin, then repeat bin/release

git config user.name ''
1 bin/release staging {image}
git could not create tag v2; check name, email and key with git config --get-regexp '^(user|gpg|tag)[.]'

git config tag.gpgSign true; instead_of git 'tag --annotate' "set -- -c tag.gpgSign=false \"\$@\""
1 bin/release staging {image}
git did not sign tag v2; make the key available, or run git config tag.gpgSign false

git remote remove origin; instead_of git "update-ref refs/tags/v2" 'exit 128'
1 bin/release staging {image}
git could not write tag v2; check space and permissions with df .git and ls -l .git/refs

instead_of git push 'mv ../remote.git ../away.git; exit 128'
5 bin/release staging {image}
origin did not confirm tag v2; run bin/release --list to see whether it was recorded

mkdir -p ../remote.git/hooks; cp /bin/false ../remote.git/hooks/pre-receive
5 bin/release staging {image}
origin rejected tag v2; resolve the reason that git printed, then repeat bin/release

: >"$FAKE_ENGINE/down"
4 bin/run --current
container engine {engine} does not answer; run {engine} version, or set CONTAINER_ENGINE

rm -rf .git
3 bin/run v1
no git repository here; run git init

:
3 bin/run v7
no release v7; run bin/release --list

git remote set-url origin ../nowhere.git
5 bin/run v7
v7 not in this clone and origin unreachable; run git ls-remote origin

git update-ref refs/tags/v1 HEAD
3 bin/run v1
cannot fetch tag v1 from origin; compare git rev-parse v1 with git ls-remote origin v1

set_in_staging LOG_LEVEL=DEBUG
3 bin/run v1
config/staging.env has changed since v1; run bin/release staging, or bin/release --rollback v1

rm -r "$XDG_STATE_HOME" config/staging.env
3 bin/run v1
configuration of v1 missing or modified here; copy {kept} from the host that released v1

rm -r "$FAKE_ENGINE/images"
3 bin/run v1
no image {image} on this host; run git checkout {revision} && bin/build --local

instead_of engine 'compose version' 'exit 1'
4 bin/run v1
container engine {engine} has no compose; run {engine} compose version, or set CONTAINER_ENGINE

:
3 bin/run v1 --scale worker=2
v1 has no process type worker; choose one of: web

instead_of engine 'config --format json' 'exit 1'
1 bin/run v1
compose.yaml of v1 is invalid; fix the error that compose printed, then run bin/build

instead_of engine 'ps --all' 'exit 1'
1 bin/run --current
engine failed with exit status 1; correct the error that it printed, then repeat

: >"$FAKE_ENGINE/slow"
1 bin/run v1
v1 was not ready within 1 s; run RUN_TIMEOUT=2 bin/run v1 to wait longer (earlier instances keep running)

: >"$FAKE_ENGINE/crashes"
1 bin/run v1
v1 exited at start; fix the error in its log, then run bin/build (earlier instances keep running)

instead_of engine '--no-deps redis' 'exit 1'
1 bin/run v1
compose could not start redis; run {engine} compose --project-name visit-counter-staging logs redis (earlier instances keep running)

instead_of engine '--scale web=1 web' 'exit 1'
1 bin/run v1
compose could not start v1; fix the error that compose printed, then run bin/run v1 (earlier instances keep running)

instead_of engine '--no-deps balancer' 'exit 1'
1 bin/run v1
compose could not start the balancer; run {engine} compose --project-name visit-counter-staging logs balancer (earlier instances keep running)

instead_of engine exec 'exit 1'
1 bin/run v1
balancer did not reach v1 within 1 s; run {engine} compose --project-name visit-counter-staging logs balancer (earlier instances keep running)
"""


class Refusal(NamedTuple):
    """Hold one entry of the table."""

    done: str
    status: int
    command: str
    line: str

    @classmethod
    def parse(cls, entry: str) -> Refusal:
        """Return the refusal of an entry."""
        done, command, line = entry.splitlines()
        return cls(done, int(command[0]), command[2:], line)

    def filled(self, values: dict[str, str]) -> Refusal:
        """Return the refusal with a value for each name in braces."""
        fill = {f"{{{name}}}": value for name, value in values.items()}
        names = re.compile("|".join(map(re.escape, fill)))
        line = f"{self.command.split()[0]}: {self.line}"
        done, command, line = (
            names.sub(lambda name: fill[name[0]], text) for text in (self.done, self.command, line)
        )
        return Refusal(done, self.status, command, line)


REFUSALS = [
    pytest.param(Refusal.parse(entry), id=" ".join(entry.splitlines()[:2]))
    for entry in TABLE.strip().split("\n\n")
]


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine, whose programs in ~/bin come first."""
    team = Team.of(bake(), tmp_path / "team").with_fake_engine()
    path = f"{team.home}/bin:{os.environ['PATH']}"
    team.environ |= {"PATH": path, "RUN_TIMEOUT": "1"}
    return team


def values(team: Team, image: str) -> dict[str, str]:
    """Return the text for each name in braces."""
    [fingerprint] = team.kept()
    settings = team.clone.read("config/staging.env").splitlines()
    [log_level] = [n for n, line in enumerate(settings, 1) if line.startswith("LOG_LEVEL=")]
    return {
        "engine": str(team.environ["CONTAINER_ENGINE"]),
        "image": image,
        "digest": image.partition("@")[2],
        "revision": team.git("rev-parse", "HEAD"),
        "kept": f"{team.home}/state/visit-counter/config/{fingerprint}.env",
        "log_level": str(log_level),
        "zeros": "0" * 64,
    }


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_is_one_line_with_a_problem_and_a_remedy(refusal: Refusal, team: Team) -> None:
    image = team.build()
    team.release("staging", image)
    filled = refusal.filled(values(team, image))
    team.run("sh", "-c", FUNCTIONS + filled.done)
    before = (team.published(), team.kept())
    assert team.refused(*filled.command.split(), status=filled.status) == filled.line
    if team.remote.exists():
        assert (team.published(), team.kept()) == before
    assert leftovers(team) == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_problem_is_short(refusal: Refusal) -> None:
    problem, _, remedy = refusal.line.partition("; ")
    assert remedy
    assert len(re.sub(r" \(.*\)", "", problem).split()) <= MAX_PROBLEM_WORDS
