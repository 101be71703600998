"""A Redis cluster of three primaries with a replica each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis.crc import key_slot

from tests.support.servers import HOST, Group
from tests.support.service import eventually, free_port

SLOTS, PRIMARIES = 16384, 3
NODE_TIMEOUT_SECONDS = 0.5
# The key that the service counts in
KEY = "visit-counter:visits"
SLOT = key_slot(KEY.encode())
# Between the move of the keys and that of the slot; clients are sent to the target by ASK
ASK_SECONDS = 0.2
OPTIONS = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": round(NODE_TIMEOUT_SECONDS * 1000),
    # Else no replica is elected whose link was down for some seconds.
    "cluster-replica-validity-factor": 0,
    "repl-diskless-sync-delay": 0,
    # Else a primary that gave its last slot away becomes a replica.
    "cluster-allow-replica-migration": "no",
}


@dataclass
class Cluster(Group):
    """Nodes of a cluster, the primaries first."""

    bus: dict[int, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the URL of the cluster."""
        return f"redis+cluster://{','.join(f'{HOST}:{port}' for port in self.servers)}"

    def start_node(self) -> int:
        """Start a node that knows no other, and return its port."""
        port, bus = free_port(), free_port()
        options = {**OPTIONS, "cluster-port": bus}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.start_server(port, *words)
        eventually(lambda: self.ask(port, "PING"))
        self.bus[port] = bus
        return port

    def meet(self, port: int) -> None:
        """Let a node join the others."""
        known = next(iter(self.bus))
        self.ask(port, "CLUSTER", "MEET", HOST, known, self.bus[known])

    def add_node(self) -> int:
        """Add a node without slots, and return its port when it serves."""
        port = self.start_node()
        self.meet(port)
        eventually(lambda: self.knows(port))
        return port

    def knows(self, port: int) -> bool:
        """Return True if every node knows a new one, and that one serves."""
        is_known = all(self.id(port) in str(self.nodes(one)) for one in self.servers)
        return is_known and "cluster_state:ok" in self.ask(port, "CLUSTER", "INFO")

    def id(self, port: int) -> str:
        """Return the id of a node."""
        return str(self.ask(port, "CLUSTER", "MYID"))

    def nodes(self, port: int) -> list[list[str]]:
        """Return the nodes that a node knows: id, address, flags, id of the primary and so on."""
        return [line.split() for line in (self.ask(port, "CLUSTER", "NODES") or "").splitlines()]

    def primary(self) -> int:
        """Return the port of the primary of the counter, in the view of a node that answers."""
        witness = next(port for port in self.servers if port not in self.silent)
        return self.owner(witness, SLOT)

    def owner(self, witness: int, slot: int) -> int:
        """Return the port of the primary of a slot in the view of a node; 0 if it knows none."""
        for first, last, primary, *_ in self.ask(witness, "CLUSTER SLOTS") or []:
            if first <= slot <= last:
                return int(primary[1])
        return 0

    def fail_over(self) -> None:
        """Let the replica of the primary take its place."""
        primary = self.id(self.primary())
        [address] = [one[1] for one in self.nodes(self.primary()) if one[3] == primary]
        self.ask(int(address.partition("@")[0].rpartition(":")[2]), "CLUSTER", "FAILOVER")

    def move_slot(self, target: int) -> None:
        """Move the slot of the counter to another node, key by key, as redis-cli does."""
        source, port = self.primary(), str(target)
        self.ask(target, "CLUSTER", "SETSLOT", SLOT, "IMPORTING", self.id(source))
        self.ask(source, "CLUSTER", "SETSLOT", SLOT, "MIGRATING", self.id(target))
        for key in self.ask(source, "CLUSTER", "GETKEYSINSLOT", SLOT, 10):
            self.ask(source, "MIGRATE", HOST, port, key, 0, 1000)
        time.sleep(ASK_SECONDS)
        for node in (target, source):
            self.ask(node, "CLUSTER", "SETSLOT", SLOT, "NODE", self.id(target))

    def form(self) -> None:
        """Form the cluster of the nodes that run."""
        ports = list(self.servers)
        primaries, replicas = ports[:PRIMARIES], ports[PRIMARIES:]
        for number, port in enumerate(primaries):
            first, last = (SLOTS * one // PRIMARIES for one in (number, number + 1))
            self.ask(port, "CLUSTER", "ADDSLOTSRANGE", first, last - 1)
            self.ask(port, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port in ports[1:]:
            self.meet(port)
        eventually(lambda: all(len(self.nodes(port)) == len(ports) for port in ports))
        for primary, replica in zip(primaries, replicas, strict=True):
            self.ask(replica, "CLUSTER", "REPLICATE", self.id(primary))
        eventually(self.is_settled, 30, lambda: self.nodes(ports[0]))

    def is_settled(self) -> bool:
        """Return True if every node knows the roles of all, and each replica follows its primary."""
        replicas = list(self.servers)[PRIMARIES:]
        return all(
            sum("slave" in node[2] for node in self.nodes(port)) == len(replicas)
            and "cluster_state:ok" in self.ask(port, "CLUSTER", "INFO")
            for port in self.servers
        ) and all("up" in self.ask(port, "INFO")["master_link_status"] for port in replicas)


@contextmanager
def run_cluster(folder: Path) -> Iterator[Cluster]:
    """Yield a cluster that serves all slots."""
    cluster = Cluster(folder)
    try:
        for _ in range(2 * PRIMARIES):
            cluster.start_node()
        cluster.form()
        yield cluster
    finally:
        cluster.kill()
