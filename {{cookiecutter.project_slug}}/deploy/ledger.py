"""The ledger of releases: annotated tags, created and read, never moved or deleted."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from deploy.ids import PATTERN
from deploy.process import STDERR
from deploy.refusal import NO_REMOTE, REFUSED, Refusal
from deploy.repository import Repository, git

TRAILERS = ("Deploy", "Kind", "Image", "Revision", "Config", "Restores")
FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
EVERY_TAG = "refs/tags/*:refs/tags/*"
FIELDS = ("type", "refname:lstrip=2", "taggername", "taggerdate:unix", "contents:body")


class Release(NamedTuple):
    """A release, as its tag records it."""

    id: str
    deploy: str
    kind: str
    image: str
    revision: str
    config: str
    restores: str | None = None
    time: str | None = None
    person: str | None = None


def read_releases(git_dir: Path) -> list[Release]:
    """Return every release in a git directory, oldest first; tags of another kind are left out."""
    form = "%00".join(f"%({field})" for field in FIELDS) + "%00"
    words = ("for-each-ref", "--sort=version:refname", f"--format={form}", "refs/tags")
    texts = [text.lstrip("\n") for text in git(*words, git_dir=git_dir).output().split("\0")]
    releases = []
    for kind, name, person, time, body in zip(*[iter(texts)] * len(FIELDS)):
        found = dict(re.findall("^([A-Z][a-z]+): (.+)$", body, re.MULTILINE))
        is_record = kind == "commit" and person and time and PATTERN.fullmatch(name)
        if is_record and {*TRAILERS} <= {*found, "Restores"}:
            trailers = [found.get(trailer) for trailer in TRAILERS]
            values: list[Any] = [name, *trailers, format_time(int(time)), person]
            releases.append(Release(*values))
    return releases


def format_time(seconds: int) -> str:
    """Return a time in seconds since 1970 by RFC 3339, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def find(releases: list[Release], release_id: str) -> Release:
    """Return a release by its id; raises Refusal."""
    for release in releases:
        if release.id == release_id:
            return release
    raise Refusal(REFUSED, f"no release {release_id}", "run bin/release --list")


class Ledger(NamedTuple):
    """The releases, and a scratch repository in which a tag is created before it is claimed."""

    releases: list[Release]
    scratch: Path
    repository: Repository


@contextmanager
def open_ledger(repository: Repository, write: bool) -> Iterator[Ledger]:
    """Read the ledger of the remote, or of this clone if there is no remote; raises Refusal.

    The scratch repository has the tags of the ledger alone, and borrows the objects. It is inside
    .git, so that includeIf "gitdir:…" of the git configuration applies to it, such as a signing key.
    """
    with TemporaryDirectory(prefix="ledger.", dir=repository.folder) as name:
        scratch, remote = Path(name), repository.remote
        create(scratch, repository.folder)
        if remote and git(*FETCH, remote, EVERY_TAG, git_dir=scratch, stdout=STDERR).status:
            problem = f"cannot fetch the ledger from {remote}"
            remedy = f"run git ls-remote {remote}"
            if write:
                raise Refusal(NO_REMOTE, problem, remedy)
            note = f"{problem}, using the tags of this clone; {remedy}"
            print(f"bin/release: {note}", file=sys.stderr)
            remote = ""
        if not remote:
            # A fetch from this clone could be forbidden by protocol.file.allow.
            refs = git("for-each-ref", "--format=create %(refname) %(objectname)", "refs/tags")
            git("update-ref", "--stdin", git_dir=scratch, stdin=refs.output()).output()
        yield Ledger(read_releases(scratch), scratch, repository)


def create(scratch: Path, folder: Path) -> None:
    """Create a bare repository with the configuration and the objects of another one."""
    form = git("rev-parse", "--show-object-format").output().strip()
    words = ("init", "--quiet", "--bare", "--template=", f"--object-format={form}")
    git(*words, str(scratch)).output()
    git("config", "include.path", str(folder / "config"), git_dir=scratch).output()
    (scratch / "objects/info").mkdir(exist_ok=True)
    (scratch / "objects/info/alternates").write_text(f"{folder}/objects\n", "utf-8")
    if (shallow := folder / "shallow").exists():
        shutil.copy(shallow, scratch)
