"""Redis servers that are found through others: a Sentinel, or a node of a cluster."""

from contextlib import ExitStack
from pathlib import Path
from threading import Thread

from trustme import CA

from tests.factors.support.backing import Backing
from tests.factors.support.tls import TLSProxy
from tests.support.cluster import assign_slots
from tests.support.sentinel import SERVICE, run_sentinel
from tests.support.service import free_port

# Certificates name hosts, which the Sentinel announces, too.
HOST = "localhost"


class Group:
    """Server behind a Sentinel, or a cluster of one node, which run until the stack is closed."""

    def __init__(self, kind: str, folder: Path, stack: ExitStack, ca: CA | None = None) -> None:
        self.kind, self.folder, self.stack, self.ca = kind, folder, stack, ca
        self.is_cluster = kind == "cluster"
        self.address = self.run_node() if self.is_cluster else self.run_primary()

    def run_primary(self) -> str:
        """Run a primary and its Sentinel, and return the address of that."""
        self.server = Backing(self.folder)
        self.stack.callback(self.server.stop)
        named = run_sentinel(self.folder / "sentinel", self.listen(self.server.port), HOST)
        return f"{HOST}:{self.listen(self.stack.enter_context(named))}"

    def run_node(self) -> str:
        """Run a node of a cluster, and return its address."""
        node = {"cluster-enabled": "yes", "cluster-port": free_port()}
        self.server = Backing(self.folder, **node)
        self.stack.callback(self.server.stop)
        assign_slots(self.server.port)
        port = self.listen(self.server.port)
        with self.server.client() as redis:
            redis.config_set("cluster-announce-port", port)
        return f"{HOST}:{port}"

    def listen(self, port: int) -> int:
        """Return the port on which clients find a server: that of a TLS proxy if there is a CA."""
        if not self.ca:
            return port
        # A node announces its address.
        names = [HOST, "127.0.0.1"] if self.is_cluster else [HOST]
        proxy = self.stack.enter_context(TLSProxy(port, self.ca.issue_cert(*names)))
        Thread(target=proxy.serve_forever, args=(0.05,)).start()
        self.stack.callback(proxy.shutdown)
        return proxy.port

    @property
    def database(self) -> int:
        """Return the database of the URL."""
        return 0 if self.is_cluster else 5

    def url(self, user: str = "", options: str = "") -> str:
        """Return the URL."""
        path = "" if self.is_cluster else f"/{SERVICE}/5"
        scheme = "rediss" if self.ca else "redis"
        return f"{scheme}+{self.kind}://{user}{self.address}{path}{options}"
