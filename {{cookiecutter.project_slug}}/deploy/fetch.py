"""A release and its configuration, as bin/run takes them from the ledger and from this host."""

from __future__ import annotations

from deploy import configs
from deploy.ledger import Release, find, read_releases
from deploy.process import STDERR
from deploy.refusal import NO_REMOTE, REFUSED, Refusal
from deploy.repository import Repository, git


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
