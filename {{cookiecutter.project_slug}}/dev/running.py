"""Redis of a running bin/dev, announced to commands in other terminals by a locked file."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy import env_file

FILE = Path(".dev/redis")
VARIABLES = ("REDIS_URL", "REDIS_URL_FILE")


def given_redis(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that name a Redis."""
    return {name: environ[name] for name in VARIABLES if environ.get(name)}


@contextmanager
def announced(environ: Mapping[str, str]) -> Iterator[None]:
    """Announce the Redis of an environment, unless another bin/dev has announced its own.

    The kernel releases the lock when this process ends, however it ends.
    """
    FILE.parent.mkdir(exist_ok=True)
    with open(os.open(FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield
            return
        file.truncate()
        file.writelines(f"{name}={value}\n" for name, value in given_redis(environ).items())
        file.flush()
        try:
            yield
        finally:
            FILE.unlink(missing_ok=True)
            with suppress(OSError):
                FILE.parent.rmdir()


def find_redis() -> dict[str, str]:
    """Return the variables that name the Redis of a running bin/dev; empty if none runs."""
    with suppress(FileNotFoundError), FILE.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return env_file.parse(file.read())
    return {}
