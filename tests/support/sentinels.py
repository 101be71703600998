"""Two Redis servers, and three Sentinels that name the primary and replace it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.servers import HOST, Group
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
class Sentinels(Group):
    """Servers and Sentinels."""

    sentinels: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the URL of the service."""
        hosts = ",".join(f"{HOST}:{port}" for port in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

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

    def ask_sentinel(self, *words: str) -> Any:
        """Return the answer of a Sentinel; None if it does not answer."""
        return self.ask(next(iter(self.sentinels)), "SENTINEL", *words)

    def primary(self) -> int:
        """Return the port of the primary."""
        return int(self.ask_sentinel("GET-MASTER-ADDR-BY-NAME", SERVICE)[1])

    def fail_over(self) -> None:
        """Let the Sentinels exchange primary and replica."""
        self.ask_sentinel("FAILOVER", SERVICE)

    def is_settled(self) -> bool:
        """Return True if every Sentinel knows the others, and the replica follows the primary."""
        found = self.ask_sentinel("MASTER", SERVICE) or {}
        replicas = self.ask_sentinel("REPLICAS", SERVICE) or []
        return bool(
            int(found.get("num-other-sentinels", 0)) == SENTINELS - 1
            and [one["master-link-status"] for one in replicas] == ["ok"]
            and "down" not in replicas[0]["flags"] + found["flags"]
        )

    def kill(self) -> None:
        """Kill all processes."""
        self.servers |= self.sentinels
        super().kill()


@contextmanager
def run_sentinels(folder: Path) -> Iterator[Sentinels]:
    """Yield servers and Sentinels that know each other."""
    sentinels = Sentinels(folder)
    primary = free_port()
    try:
        sentinels.start_server(primary)
        sentinels.start_server(free_port(), "--replicaof", f"{HOST} {primary}")
        for _ in range(SENTINELS):
            sentinels.start_sentinel(free_port(), primary)
        eventually(sentinels.is_settled, 30, lambda: sentinels.ask_sentinel("MASTER", SERVICE))
        yield sentinels
    finally:
        sentinels.kill()
