"""Claim an id: create its tag by compare-and-swap, in the remote and here."""

from __future__ import annotations

import platform
import random
import re
import secrets
import sys
import time
from subprocess import STDOUT
from typing import Any

from deploy.ids import next_id
from deploy.ledger import TRAILERS, Ledger, Release
from deploy.process import STDERR
from deploy.refusal import FAILED, NO_REMOTE, Refusal
from deploy.repository import git, list_tags


def message(release: Release) -> str:
    """Return the message of a tag; unique, because a push of an identical tag would succeed."""
    values = release._asdict()
    to = f" to {release.restores}" if release.restores else ""
    lines = [f"{release.id}: {release.kind} of {release.deploy}{to}", ""]
    lines += [f"Claimed on {platform.node()} as {secrets.token_hex(4)}.", ""]
    lines += [f"{name}: {values[name.lower()]}" for name in TRAILERS if values[name.lower()]]
    return "\n".join([*lines, ""])


def claim_next_id(ledger: Ledger, release: Release) -> Release:
    """Record a release under the next free id, and return it; raises Refusal.

    git creates a ref atomically if its name is free, so one of two racing releases gets the id,
    and the other tries the next one after a random pause below a second.
    """
    while True:
        claimed = release._replace(id=next_id(list_tags(ledger.repository)))
        tag = create_tag(ledger, claimed)
        if (push if ledger.repository.remote else create_ref)(ledger, claimed.id, tag):
            return claimed
        time.sleep(random.random())  # noqa: S311


def create_tag(ledger: Ledger, release: Release) -> str:
    """Create the object of a tag in this clone, and its ref in the scratch repository."""
    environ = {"GIT_OBJECT_DIRECTORY": f"{ledger.repository.folder}/objects"}
    words = ("tag", "--annotate", "--cleanup=verbatim", "--file=-", release.id, release.revision)
    options: dict[str, Any] = {"git_dir": ledger.scratch, "environ": environ}
    if git(*words, stdin=message(release), stdout=STDERR, **options).status:
        remedy = "check name, email and key with git config --get-regexp '^(user|gpg|tag)[.]'"
        raise Refusal(FAILED, f"git could not create tag {release.id}", remedy)
    is_signing = git("config", "--type=bool", "tag.gpgSign", **options).stdout == "true\n"
    # Some versions of git create the tag unsigned if the key is missing.
    if is_signing and "\n-----BEGIN " not in git("cat-file", "tag", release.id, **options).stdout:
        remedy = "make the key available, or run git config tag.gpgSign false"
        raise Refusal(FAILED, f"git did not sign tag {release.id}", remedy)
    return git("rev-parse", f"refs/tags/{release.id}", **options).output().strip()


def create_ref(ledger: Ledger, release_id: str, tag: str) -> bool:
    """Create a tag in this clone, and return False if the name is taken; raises Refusal."""
    if not git("update-ref", f"refs/tags/{release_id}", tag, "").status:
        return True
    if not git("show-ref", "--quiet", "--verify", f"refs/tags/{release_id}").status:
        return False
    remedy = "check space and permissions with df .git and ls -l .git/refs"
    raise Refusal(FAILED, f"git could not write tag {release_id}", remedy)


def push(ledger: Ledger, release_id: str, tag: str) -> bool:
    """Create a tag in the remote and here, and return False if the name is taken there."""
    remote, ref = ledger.repository.remote, f"refs/tags/{release_id}"
    words = ("push", "--porcelain", "--no-recurse-submodules", remote, f"{tag}:{ref}")
    pushed = git(*words, git_dir=ledger.scratch, stderr=STDOUT)
    # Not the exit status: a push of an identical tag succeeds, too.
    if not re.search(r"^\*\t", pushed.stdout, re.MULTILINE):
        there = git("ls-remote", "--quiet", "--refs", remote, ref)
        if there.status or not there.stdout:
            print(pushed.stdout, end="", file=sys.stderr)
        if there.status:
            remedy = "run bin/release --list to see whether it was recorded"
            raise Refusal(NO_REMOTE, f"{remote} did not confirm tag {release_id}", remedy)
        if not there.stdout:
            remedy = "resolve the reason that git printed, then repeat bin/release"
            raise Refusal(NO_REMOTE, f"{remote} rejected tag {release_id}", remedy)
        if not there.stdout.startswith(tag):
            return False
    if git("update-ref", ref, tag, "").status and git("rev-parse", ref).stdout.strip() != tag:
        note = f"recorded {release_id}, but not here; run git fetch {remote} tag {release_id}"
        print(f"bin/release: {note}", file=sys.stderr)
    return True
