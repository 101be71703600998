"""The files of a release on this host, where its containers can mount them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

from deploy import configs, env_file
from deploy.ledger import Release
from deploy.refusal import REFUSED, Refusal
from deploy.repository import unpack


def lay_out(release: Release, config: bytes) -> Path:
    """Unpack the files of a release, with its configuration, and return their folder."""
    folder = configs.state_folder() / "releases" / release.id
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        new = mkdtemp(prefix="new.", dir=folder.parent)
        try:
            unpack(release.revision, Path(new))
            os.rename(new, folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    target = folder / configs.path_of(release.deploy)
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    os.link(configs.kept_file(release.config), target)
    write_redis_env(folder / "config/redis.env", env_file.parse(config).get("REDIS_URL", ""))
    return folder


def write_redis_env(path: Path, url: str) -> None:
    """Write the URL from which the Redis of compose.yaml takes its password, if it is that of the deploy."""
    write_private(path, f"REDIS_URL={url}\n" if urlsplit(url).hostname == "redis" else "")


def write_private(path: Path, text: str) -> None:
    """Write a new file that its owner alone can read."""
    path.unlink(missing_ok=True)
    new = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with open(new, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)


@contextmanager
def locked(deploy: str) -> Iterator[None]:
    """Let one bin/run at a time change a deploy; the kernel releases the lock; raises Refusal."""
    path = configs.state_folder() / f"{configs.SLUG}-{deploy}.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            remedy = f"wait until ps -p {path.read_text('ascii')} prints no process"
            raise Refusal(REFUSED, f"another bin/run is changing {deploy}", remedy) from None
        file.truncate(0)
        print(os.getpid(), end="", file=file, flush=True)
        yield
