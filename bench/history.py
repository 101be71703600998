"""Earlier states of this repository."""

from __future__ import annotations

import subprocess

from tests.support.environment import ROOT


def git(*words: str) -> bytes:
    """Return the output of git in this repository; empty if git fails."""
    return subprocess.run(["git", *words], cwd=ROOT, check=False, capture_output=True).stdout


def find_last_commit(path: str) -> str:
    """Return the parent of the commit that deleted a file; empty in a shallow clone.

    A commit id in this file would go stale when the branch is rebased.
    """
    deleted = git("log", "-1", "--no-renames", "--diff-filter=D", "--format=%H", "--", path)
    commit = deleted.decode().strip()
    return git("rev-parse", "--verify", "--quiet", f"{commit}^").decode().strip() if commit else ""
