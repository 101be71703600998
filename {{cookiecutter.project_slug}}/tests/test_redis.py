"""Redis as an attached resource: bounded waits, and recovery without a restart."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import ConnectionError, Redis, TimeoutError

from {{ cookiecutter.package_name }}.runtime.redis import connect
from {{ cookiecutter.package_name }}.runtime.settings import Settings

from tests.redis_server import redis_server


def client(environ: dict[str, str], **changes: str) -> Redis:
    return connect(Settings.from_environ(environ | changes))


def test_a_command_ends_within_the_budget_when_nobody_answers(environ):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            client(environ, REDIS_URL=url, REDIS_TIMEOUT="800ms").ping()

    assert time.monotonic() - started < 0.8


def test_a_refused_connection_is_tried_again_within_the_budget(environ):
    started = time.monotonic()
    with pytest.raises(ConnectionError):
        client(environ, REDIS_URL="redis://127.0.0.1:1/0", REDIS_TIMEOUT="800ms").ping()

    assert 0.2 < time.monotonic() - started < 0.8


def test_a_lost_connection_is_made_anew(environ, redis):
    lost = client(environ)
    redis.client_kill_filter(_id=str(lost.client_id()))

    assert lost.ping()


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
