"""Connections to the nodes of a cluster, and the stock client that routes commands to them."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import ConnectionError, TimeoutError
from redis.cluster import PRIMARY, ClusterNode, RedisCluster
from redis.exceptions import ClusterDownError

from .attempts import SENT, UNREACHABLE
from .connections import BoundedConnection, BoundedTLSConnection


class Budget(threading.local):
    """Time (s, of the monotonic clock) after which an attempt of this thread asks no second node."""

    end = math.inf
    has_asked = False

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Ask no second node after some seconds."""
        self.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self.end = math.inf

    def start(self) -> None:
        """Start an attempt: an error of its first node says more than that no time is left."""
        self.has_asked = False

    def check(self) -> None:
        """Raise TimeoutError after the end if this attempt has asked a node."""
        if self.has_asked and time.monotonic() > self.end:
            raise TimeoutError("no time is left to ask another node")
        self.has_asked = True


budget = Budget()


class NodeConnection(BoundedConnection):
    """Connection that notes on an error that a command was sent.

    RedisCluster asks every node it knows for the others, one after the other and behind a lock,
    and has a limit for each of them only.
    """

    has_greeted = False

    def connect(self) -> None:
        """Connect unless connected; raises TimeoutError when no time is left."""
        budget.check()
        if not self.is_connected:
            self.has_greeted = False
        super().connect()  # type: ignore[no-untyped-call]
        self.has_greeted = True

    def read_response(self, *args: Any, **options: Any) -> Any:
        """Read an answer; raises ConnectionError if the cluster is down."""
        try:
            return super().read_response(*args, **options)
        except UNREACHABLE as error:
            if self.has_greeted:
                error.add_note(SENT)
            raise
        except ClusterDownError as error:
            # Refused, so it is retried within the deadline: RedisCluster would sleep for 0.25 s.
            raise ConnectionError(str(error)) from error


class NodeTLSConnection(NodeConnection, BoundedTLSConnection):
    """The same with TLS."""


class RoutedCluster(RedisCluster):
    """Stock client that follows an ASK to a node without slots.

    https://github.com/redis/redis-py/pull/4214; delete this class when it is released.
    """

    def get_node(
        self, host: str | None = None, port: int | None = None, node_name: str | None = None
    ) -> ClusterNode | None:
        """Return a node; one of an ASK becomes known."""
        node: ClusterNode | None = super().get_node(host, port, node_name)  # type: ignore[no-untyped-call]
        if node is None and node_name:
            name, _, number = node_name.rpartition(":")
            node = ClusterNode(name, int(number), PRIMARY)
            node = self.nodes_manager.nodes_cache.setdefault(node_name, node)
        return node
