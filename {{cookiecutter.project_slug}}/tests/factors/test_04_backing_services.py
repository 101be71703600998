"""IV. Backing services: Redis is an attached resource, named by its handle. https://12factor.net/backing-services"""

import re
import subprocess
from collections.abc import Iterator
from threading import Thread

import pytest
from trustme import CA

from tests.factors.support.faults import other_password
from tests.factors.support.tls import Endpoint, certificates
from tests.support.service import ROOT, Service

[PACKAGE] = [path.parent for path in ROOT.glob("*/runtime")]
# The way to the same Redis, and the database that is meant.
HANDLES = {
    "plain": ("redis://127.0.0.1:{port}/0", 0),
    "another database": ("redis://127.0.0.1:{port}/5", 5),
    "a user limited to the prefix": ("redis://app:s3cret@127.0.0.1:{port}/5", 5),
    "TLS": ("rediss://app:s3cret@127.0.0.1:{tls}/5?ssl_ca_certs={ca}", 5),
}
APP = "ACL SETUSER app on >s3cret ~mine:* +@read +@write +@connection"
LITERALS = {
    "host": r"\blocalhost\b|\b(?!0\.0\.0\.0)\d+\.\d+\.\d+\.\d+\b",
    "handle": r"\b(rediss?|unix|postgres\w*|mysql|mongodb|amqps?)://\w",
    "port": r"\b(6379|6380|26379|5432|3306|27017|5672|9092|11211)\b",
    "credential": r"(?i)(password|secret|token|api_?key)\w* *[=:] *[a-z]*[\"'][^\"']",
}
# A password as a handle has it; what is behind the escape is the same in either form.
PASSWORD, CANARY = "%40hunter2", "hunter2"


@pytest.fixture
def ca(tmp_path) -> tuple[CA, str]:
    """Return a certificate authority, and the file of its certificate."""
    authority, file = CA(), str(tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(file)
    return authority, file


@pytest.fixture
def tls(backing, ca) -> Iterator[Endpoint]:
    """Run a TLS endpoint with a good certificate in front of the Redis."""
    with Endpoint(backing.port, certificates(ca[0])["good"]) as endpoint:
        Thread(target=endpoint.serve_forever, args=(0.05,)).start()
        yield endpoint
        endpoint.shutdown()


def reasons(service: Service) -> set[str]:
    """Return why Redis was of no help, as the log has it."""
    found = [event for event in service.events() if event["message"] == "redis unavailable"]
    return {f"{event['exception.type']}: {event['exception.message']}" for event in found}


def refusal(service: Service) -> str:
    """Return what an instance said that did not start."""
    assert service.process.wait(timeout=30) != 0
    return service.log.read_text()


@pytest.mark.parametrize(("handle", "database"), HANDLES.values(), ids=HANDLES)
def test_IV_1_the_handle_alone_chooses_the_redis(handle, database, start, backing, tls, ca):
    with backing.client(db=database) as redis:
        redis.execute_command(*APP.split())
        url = handle.format(port=backing.port, tls=tls.port, ca=ca[1])
        service = start(REDIS_URL=url, KEY_PREFIX="mine:")
        assert service.get("/readyz").status == 200
        assert [service.visit() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert [key.startswith("mine:") for key in redis.scan_iter()] == [True]
        assert set(redis.info("keyspace")) == {f"db{database}"}


@pytest.mark.parametrize("literal", LITERALS.values(), ids=LITERALS)
def test_IV_2_no_code_names_a_backing_service(literal):
    # healthcheck.py asks the instance beside it, and no other.
    files = [*PACKAGE.rglob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "Procfile"]
    lines = [(file.name, line) for file in files for line in file.read_text().splitlines()]
    assert [(name, line) for name, line in lines if re.search(literal, line)] == []


def test_IV_4_a_rotated_password_needs_no_restart(start, backing, tmp_path):
    file = tmp_path / "redis-url"

    def write(password: str) -> None:
        file.write_text(f"redis://:{password}@127.0.0.1:{backing.port}/5\n")

    write("first")
    service = start(REDIS_URL="", REDIS_URL_FILE=str(file))
    visits = [service.visit() for _ in range(10)]
    with other_password(backing):
        assert [service.get().status for _ in range(2)] == [503, 503]
        workers = service.workers()
        file.unlink()
        assert [service.get().status for _ in range(2)] == [503, 503]
        write("other")
        visits += [service.visit() for _ in range(10)]
    assert visits == list(range(1, 21))
    assert service.workers() == workers


@pytest.mark.parametrize("wrong", ["expired", "another host's", "unknown"])
def test_IV_6_a_certificate_that_cannot_be_verified_is_not_accepted(wrong, start, tls, ca):
    good, tls.certificate = tls.certificate, certificates(ca[0])[wrong]
    service = start(REDIS_URL=f"rediss://127.0.0.1:{tls.port}/0?ssl_ca_certs={ca[1]}")
    assert [service.get(path).status for path in ("/readyz", "/") * 2] == [503] * 4
    assert all("certificate verify failed" in reason for reason in reasons(service))
    workers = service.workers()

    tls.certificate = good
    service.wait_until("/readyz", within=10)
    assert service.visit() == 1
    assert service.workers() == workers


def test_IV_6_a_server_whose_authority_is_not_given_never_becomes_ready(start, tls):
    service = start(REDIS_URL=f"rediss://127.0.0.1:{tls.port}/0")
    assert [service.get("/readyz").status for _ in range(4)] == [503] * 4
    assert all("certificate verify failed" in reason for reason in reasons(service))


@pytest.mark.parametrize("option", ["ssl_cert_reqs=none", "ssl_check_hostname=false"])
def test_IV_6_the_handle_cannot_lift_the_verification(option, start, tls):
    url = f"rediss://127.0.0.1:{tls.port}/0?{option}"
    assert "REDIS_URL: expected no options" in refusal(start(alive=False, REDIS_URL=url))


def test_IV_7_the_password_of_the_handle_appears_nowhere(start, backing):
    service = start(REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:{backing.port}/0", LOG_LEVEL="DEBUG")
    paths, kinds = ("/", "/readyz", "/version", "/metrics"), ("application/json", "text/html")
    said = [service.get(path, Accept=kind) for path in paths for kind in kinds]
    with other_password(backing):
        said += [service.get(path, Accept=kind) for path in paths for kind in kinds]
    config = ["flask", "--app", PACKAGE.name, "config"]
    shown = subprocess.run(
        config, cwd=ROOT, env=service.environ, capture_output=True, check=True, text=True
    )
    bad = refusal(start(alive=False, REDIS_URL=f"redis://:{PASSWORD}@[/0"))

    assert "AuthenticationError" in service.log.read_text()
    assert "REDIS_URL=[redacted]" in shown.stdout
    assert CANARY not in service.log.read_text() + str(said) + shown.stdout + shown.stderr + bad


@pytest.mark.parametrize(
    "handle",
    [
        "redis+sentinel://:hunter2@h1:26379,h2:26379/service/0",
        "redis+cluster://h1:6379,h2:6379",
        "redis://h1:6379,h2:6379/0",
    ],
)
def test_IV_8_a_handle_of_sentinel_or_cluster_is_refused_clearly(handle, start):
    said = refusal(start(alive=False, REDIS_URL=handle))
    assert "a Sentinel or Cluster handle is not supported" in said
    assert "h1" not in said
