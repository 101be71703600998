"""IV. Backing services: Redis behind Sentinels, and as a cluster. https://12factor.net/backing-services"""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from trustme import CA

from tests.factors.support.assertions import proves, timed
from tests.factors.support.faults import change_password
from tests.factors.support.groups import Group
from tests.factors.support.name_server import NAMES
from tests.factors.support.probe import COUNT
from tests.support.service import eventually

USER = "app on >s3cret ~mine:* +@read +@write +@connection +command +cluster|slots +cluster|info"
# The default of REDIS_TIMEOUT, and a tolerance for a busy machine.
DEADLINE_SECONDS, TOLERANCE_SECONDS = 1, 0.25
SILENT_NODES = 6
each_kind = pytest.mark.parametrize("kind", ["sentinel", "cluster"])
pytestmark = timed


@pytest.fixture
def run(tmp_path) -> Iterator[Callable[..., Group]]:
    """Return a function that runs a group, behind TLS if it is given a certificate authority."""
    (tmp_path / "group").mkdir()
    with ExitStack() as stack:
        yield lambda kind, ca=None: Group(kind, tmp_path / "group", stack, ca)


@proves("IV.8")
@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://:hunter2@h1:26379,h2:port/service/0",
        "redis+sentinel://:hunter2@h1:26379,h2:26379",
        "redis+cluster://:hunter2@h1:6379,h2/0",
        "redis://h1:6379,h2:6379/0",
    ],
)
def test_a_malformed_url_of_a_group_is_refused(url, start):
    service = start(alive=False, REDIS_URL=url)
    assert service.process.wait(timeout=30) != 0
    refusal = service.log.read_text()
    assert "redis+sentinel://" in refusal
    assert "redis+cluster://" in refusal
    assert "h1" not in refusal


@proves("IV.8")
@each_kind
def test_the_url_of_a_group_selects_user_and_database(kind, run, start):
    group = run(kind)
    with group.server.client(db=group.database) as redis:
        redis.execute_command("ACL", "SETUSER", *USER.split())
        service = start(REDIS_URL=group.url("app:s3cret@"), KEY_PREFIX="mine:")
        assert service.get("/readyz").status == 200
        assert [service.count() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert [key.startswith("mine:") for key in redis.scan_iter()] == [True]


@proves("IV.8")
@each_kind
def test_a_group_with_an_unknown_certificate_is_rejected(kind, run, start, tmp_path):
    ca, file = CA(), str(tmp_path / "ca.pem")
    ca.cert_pem.write_to_path(file)
    group = run(kind, ca)
    # Handshakes of both sides take a part of the deadline on a busy machine.
    trusting = start(REDIS_URL=group.url(options=f"?ssl_ca_certs={file}"), REDIS_TIMEOUT="4s")
    assert trusting.count() == 1
    service = start(REDIS_URL=group.url())
    assert service.get(COUNT).status == 503
    eventually(lambda: "certificate verify failed" in service.log.read_text())


@proves("IV.8")
@each_kind
def test_an_instance_starts_before_its_group(kind, run, start):
    group = run(kind)
    group.server.stop()
    service = start(REDIS_URL=group.url())
    assert [service.get(path).status for path in ("/livez", "/readyz")] == [200, 503]
    workers = service.workers()
    group.server.start()
    service.wait_until("/readyz", within=10)
    assert service.count() == 1
    assert service.workers() == workers


@proves("IV.8")
@each_kind
def test_a_rotated_password_of_a_group_needs_no_restart(kind, run, start, tmp_path):
    group, file = run(kind), tmp_path / "redis-url"
    file.write_text(group.url(":first@"))
    service = start(REDIS_URL="", REDIS_URL_FILE=str(file))
    counts = [service.count() for _ in range(5)]
    with change_password(group.server):
        assert service.get(COUNT).status == 503
        file.write_text(group.url(":other@"))
        counts += [service.count() for _ in range(5)]
    assert counts == list(range(1, 11))
    assert "other" not in service.log.read_text()


@proves("IV.8")
@each_kind
def test_a_late_reply_of_a_group_is_never_read_as_another(kind, run, start):
    group = run(kind)
    given = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1", "REDIS_TIMEOUT": "4s"}
    service = start(REDIS_URL=group.url(), KEY_PREFIX="late:", **given)
    service.count()
    with group.server.client(db=group.database) as redis, ThreadPoolExecutor() as pool:
        with group.server.freeze():
            count = pool.submit(service.count)
            time.sleep(1.5)  # an attempt takes a quarter of the deadline
        assert count.result() == int(redis.get("late:gate"))
        for _ in range(5):
            assert service.count() == int(redis.get("late:gate"))


@proves("IV.8")
@each_kind
def test_silent_members_and_name_servers_cost_one_time_limit(kind, start, tmp_path, evidence):
    (tmp_path / "names").write_text(json.dumps({"silent": {"seconds": 20, "addresses": ["::1"]}}))
    path = "/main" if kind == "sentinel" else ""
    with ExitStack() as stack:
        silent = [socket.create_server(("127.0.0.1", 0)) for _ in range(SILENT_NODES)]
        ports = [stack.enter_context(one).getsockname()[1] for one in silent]
        hosts = ",".join(["silent:1", *(f"127.0.0.1:{port}" for port in ports)])
        given = {NAMES: str(tmp_path / "names"), "WEB_CONCURRENCY": "1"}
        service = start(REDIS_URL=f"redis+{kind}://{hosts}{path}", **given)
        started = time.monotonic()
        assert service.get(COUNT).status == 503
        seconds = time.monotonic() - started
    evidence(f"{kind}, all silent: {seconds:.2f} s of {DEADLINE_SECONDS} s")
    assert seconds < DEADLINE_SECONDS + TOLERANCE_SECONDS
