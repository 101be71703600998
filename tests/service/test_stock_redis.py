"""redis-py still lacks what the service adds to it; a failure names the part that can be deleted."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest
from redis import RedisError
from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException
from redis.sentinel import SentinelManagedConnection

from tests.support.clusters import KEY, SLOT, SLOTS, Cluster
from tests.support.servers import HOST
from tests.support.service import eventually, free_port


def test_a_cluster_client_connects_in_its_constructor() -> None:
    with pytest.raises(RedisClusterException) as raised:
        RedisCluster(port=free_port(), host="127.0.0.1")
    assert not isinstance(raised.value, RedisError), "delete backing/cluster_client.py"


def test_an_ask_to_a_node_without_slots_is_not_followed(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path)
    try:
        full, empty = cluster.start_node(), cluster.start_node()
        cluster.ask(full, "CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
        cluster.meet(empty)
        eventually(lambda: cluster.knows(empty))
        cluster.ask(empty, "CLUSTER", "SETSLOT", SLOT, "IMPORTING", cluster.id(full))
        cluster.ask(full, "CLUSTER", "SETSLOT", SLOT, "MIGRATING", cluster.id(empty))
        # If it answers: delete RoutedCluster in backing/cluster_nodes.py.
        with RedisCluster(port=full, host=HOST) as client, pytest.raises(AttributeError):
            client.get(KEY)
    finally:
        cluster.kill()


def test_a_connection_of_sentinels_stays_open_after_an_interrupted_read() -> None:
    default = signature(SentinelManagedConnection.read_response).parameters["disconnect_on_error"]
    assert default.default is False, "delete PrimaryConnection.read_response()"
