"""The commit of an image: what it must contain, and what the image tells about it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from deploy.ledger import format_time
from deploy.refusal import REFUSED, Refusal
from deploy.repository import git


def check_complete(revision: str) -> None:
    """Refuse a commit that lacks files of the folder which the image should have."""
    tree = git("ls-tree", "-r", "-z", "--full-tree", revision).output()
    for path in re.findall("(?:^|\0)160000 [^\t]*\t([^\0]*)", tree):
        remedy = "commit its files, or install it from requirements.in"
        raise Refusal(REFUSED, f"{path} is a submodule, which no image contains", remedy)
    words = ("status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=none")
    if changed := ";".join(git(*words).output().splitlines()):
        remedy = "commit them, or run git stash --include-untracked"
        raise Refusal(REFUSED, f"uncommitted changes ({changed})", remedy)
    ignored = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--")
    paths = image_paths(Path(".dockerignore"))
    for path in git(*ignored, *paths).output().split("\0")[:-1] if paths else ():
        remedy = f"run git add --force {shlex.quote(path)}, or add it to .dockerignore"
        raise Refusal(REFUSED, f"git ignores {path}, which the image needs", remedy)


def image_paths(file: Path) -> list[str]:
    """Return the paths of the image as git writes them; none if .dockerignore is no allowlist."""
    # An allowlist is "*", then "!" and a path for the image, then paths that are left out.
    text = file.read_text("utf-8", "surrogateescape") if file.exists() else ""
    lines = [line.strip() for line in text.splitlines()]
    if "*" not in lines:
        return []
    pairs = [
        ("glob" if line[0] == "!" else "exclude,glob", line.lstrip("!/"))
        for line in lines
        if line.strip("*") and line[0] != "#"
    ]
    return [f":({magic}){path}{end}" for magic, path in pairs for end in ("", "/**")]


def describe(revision: str, remote: str) -> dict[str, str]:
    """Return the build arguments, which name the commit and its time."""
    header = git("cat-file", "commit", revision).output()
    [time] = re.findall(r"^committer .* (\d+) [-+]\d+$", header.partition("\n\n")[0], re.MULTILINE)
    url = git("remote", "get-url", remote).output().strip() if remote else ""
    return {
        "REVISION": revision,
        "SOURCE": re.sub("://[^/]*@", "://", url) or "unknown",  # without a password
        "CREATED": format_time(int(time)),
        "SOURCE_DATE_EPOCH": time,
    }
