"""The git repository of the service, asked so that no configuration of a user changes the answer."""

from __future__ import annotations

import os
import re
import tarfile
from pathlib import Path
from subprocess import DEVNULL, PIPE
from tempfile import TemporaryFile
from typing import Any, NamedTuple

from deploy.process import Result, run
from deploy.refusal import FAILED, NO_REMOTE, REFUSED, Refusal

# Another repository, which git sets for its hooks, or another meaning of paths, names and settings
UNSET = re.compile(
    "GIT_(CONFIG|NAMESPACE|PREFIX|.*(DIR|DIRECTORY|DIRECTORIES|WORK_TREE|_FILE|REF_BASE|PATHSPECS))"
)
ARCHIVE = ("core.autocrlf=false", "core.eol=lf", "core.attributesFile=/dev/null", "tar.umask=0022")


def git(*words: str, git_dir: Path | None = None, **options: Any) -> Result:
    """Run git in this repository or another one, and return its result."""
    environ = {name: value for name, value in os.environ.items() if not UNSET.fullmatch(name)}
    environ |= {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0"}
    environ |= {"GIT_ATTR_NOSYSTEM": "1", "TZ": "UTC0"}
    environ |= options.pop("environ", {})
    place = [f"--git-dir={git_dir}"] if git_dir else []
    return run(["git", *place, *words], env=environ, **options)


class Repository(NamedTuple):
    """The git directory that all worktrees share, and the remote ("" for none)."""

    folder: Path
    remote: str


def open_repository() -> Repository:
    """Return the repository; raises Refusal unless the service is at its root."""
    english = {"LC_ALL": "C"}  # the words of git decide
    words = ("rev-parse", "--show-prefix", "--git-common-dir")
    result = git(*words, stderr=PIPE, environ=english)
    reason = result.stderr.rpartition("fatal: ")[2].partition("\n")[0]  # warnings may come first
    if reason.startswith("not a git repository"):
        raise Refusal(REFUSED, "no git repository here", "run git init")
    if result.status:
        raise Refusal(REFUSED, f"git cannot read this repository ({reason})", "run git status")
    prefix, folder = result.stdout.splitlines()
    if prefix:
        remedy = "give the service a repository of its own"
        raise Refusal(REFUSED, f"{prefix} is not the root of its repository", remedy)
    return Repository(Path(folder).resolve(), find_remote())


def find_remote() -> str:
    """Return the only remote, or else the one that git is configured to push to."""
    names = git("remote").output().split()
    if len(names) < 2:
        return "".join(names)
    branch = git("symbolic-ref", "--quiet", "--short", "HEAD").stdout.strip()
    for key in (f"branch.{branch}.pushRemote", "remote.pushDefault", f"branch.{branch}.remote"):
        if (name := git("config", key).stdout.strip()) in names:
            return name
    remedy = f"run git config remote.pushDefault {names[0]}, or another one"
    raise Refusal(REFUSED, f"several remotes ({', '.join(names)})", remedy)


def has_commit(revision: str) -> bool:
    """Return True if this clone has a commit."""
    return not git("cat-file", "-e", revision + "^{commit}", stderr=DEVNULL).status


def list_tags(repository: Repository) -> list[str]:
    """Return the name of every tag, here and in the remote; raises Refusal."""
    listed = git("for-each-ref", "--format=%(refname)", "refs/tags").output()
    if remote := repository.remote:
        there = git("ls-remote", "--quiet", "--refs", "--tags", remote)
        if there.status:
            remedy = f"run git ls-remote {remote}, then repeat bin/release"
            raise Refusal(NO_REMOTE, f"cannot list the tags of {remote}", remedy)
        listed += there.stdout
    return [line.partition("refs/tags/")[2] for line in listed.splitlines()]


def unpack(revision: str, folder: Path) -> None:
    """Write the files of a commit into a folder, readable for every user; raises Refusal."""
    settings = [word for setting in ARCHIVE for word in ("-c", setting)]
    with TemporaryFile() as file:
        if git(*settings, "archive", "--format=tar", revision, stdout=file).status:
            raise Refusal(FAILED, f"git cannot archive {revision}", "correct what git printed")
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            # The files are our own; the default filter refuses absolute links.
            archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
            archive.extractall(folder)  # noqa: S202
    folder.chmod(0o755)
