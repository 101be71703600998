"""Run a release on this host: start its instances, wait until they are ready, stop the earlier ones.

If the release is not ready in time, its instances are removed, and the earlier ones keep running.
Every service of compose.yaml with the label "release" is a process type. The balancer, and the
services that URLs of the configuration name, are started if missing and never restarted.

Environment variables:
  RUN_TIMEOUT    seconds for the release to become ready (60)
  HTTP_PORT      port of the deploy on this host, when its balancer is first started

Exit status:
  0 running · 1 failed · 2 usage · 3 refused · 4 container engine unavailable · 5 remote or registry unavailable
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence

from deploy import configs, engine
from deploy.files import lay_out, locked
from deploy.images import pull
from deploy.instances import describe_instances
from deploy.ledger import Release, find, read_releases
from deploy.process import STDERR, Parser, run_script, word
from deploy.refusal import NO_REMOTE, REFUSED, USAGE, Refusal
from deploy.repository import Repository, git, open_repository
from deploy.rollout import Rollout
from deploy.stack import Stack


def parse(words: Sequence[str]) -> Namespace:
    """Return the arguments of the command line."""
    parser = Parser("bin/run", "%(prog)s ID [--instances N] [--scale TYPE=N] | --current", __doc__)
    add = parser.add_argument
    add("id", nargs="?", type=word, help="release to run")
    add("--instances", metavar="N", type=positive, help="number of each type; default: as now")
    add("--scale", metavar="TYPE=N", type=scale, action="append", help="number of one process type")
    add("--current", action="store_true", help="list deploy, release and instances of this host")
    arguments = parser.parse_args(words)
    given = {name for name, value in vars(arguments).items() if value}
    if ("id" in given) == ("current" in given) or given > {"current"}:
        parser.error("expected the id of a release, or --current")
    return arguments


def positive(text: str) -> int:
    """Return a number of instances; raises ValueError."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ValueError
    return int(text)


def scale(text: str) -> tuple[str, int]:
    """Return a process type and its number of instances; raises ValueError."""
    name, _, number = text.partition("=")
    return name, positive(number)


def find_release(repository: Repository, release_id: str) -> tuple[Release, bool]:
    """Return a release, and True if it restored the configuration of another; raises Refusal."""
    releases, remote = read_releases(repository.folder), repository.remote
    if remote and release_id not in [one.id for one in releases]:
        ref = f"refs/tags/{release_id}"
        found = git("ls-remote", "--refs", remote, ref)
        if found.status:
            problem = f"{release_id} not in this clone and {remote} unreachable"
            raise Refusal(NO_REMOTE, problem, f"run git ls-remote {remote}")
        fetch = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", remote, f"{ref}:{ref}")
        if found.stdout and git(*fetch, stdout=STDERR).status:
            problem = f"cannot fetch tag {release_id} from {remote}"
            remedy = f"compare git rev-parse {release_id} with git ls-remote {remote} {release_id}"
            raise Refusal(REFUSED, problem, remedy)
        releases = read_releases(repository.folder)
    release = find(releases, release_id)
    restored = [one.config for one in releases if one.id == release.restores]
    return release, restored == [release.config]


def find_config(release: Release, is_restored: bool) -> bytes:
    """Return the configuration of a release; raises Refusal if the file has changed since.

    A rollback uses the kept configuration, because the file may have changed since.
    """
    path = configs.path_of(release.deploy)
    if path.exists() and not is_restored:
        if configs.fingerprint(content := path.read_bytes()) != release.config:
            remedy = f"run bin/release {release.deploy}, or bin/release --rollback {release.id}"
            raise Refusal(REFUSED, f"{path} has changed since {release.id}", remedy)
        configs.keep(content)
    return configs.find(release)


def main(words: Sequence[str]) -> None:
    """Run a release, or list what runs."""
    arguments = parse(words)
    timeout = os.environ.get("RUN_TIMEOUT") or "60"
    if not timeout.isdecimal():
        raise Refusal(USAGE, "RUN_TIMEOUT is no number of seconds", "set it to, say, 60")
    engine.require("compose")
    if arguments.current:
        print("".join(f"{line}\n" for line in describe_instances()), end="")
        return
    release, is_restored = find_release(open_repository(), arguments.id)
    config = find_config(release, is_restored)
    image = pull(release.image, release.revision)
    with locked(release.deploy):
        stack = Stack(release, image, lay_out(release, config))
        Rollout(stack, int(timeout)).run(arguments.instances, dict(arguments.scale or ()))
    place = f" on http://{stack.address()}" if stack.upstreams() else ""
    print(f"{release.id} runs as {release.deploy}{place}")


if __name__ == "__main__":
    run_script("run", main)
