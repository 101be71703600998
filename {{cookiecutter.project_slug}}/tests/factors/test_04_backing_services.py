"""IV. Backing services: Redis is an attached resource, named by its URL. https://12factor.net/backing-services"""

import re
import subprocess
from collections.abc import Iterator
from threading import Thread

import pytest
from trustme import CA

from tests.factors.support.assertions import proves
from tests.factors.support.faults import change_password
from tests.factors.support.instance import PACKAGE
from tests.factors.support.probe import COUNT, PAGE
from tests.factors.support.tls import TLSProxy, issue_certificates
from tests.support.service import ROOT, Service

# URLs of the same Redis, with their database.
REDIS_URLS = {
    "plain": ("redis://127.0.0.1:{port}/0", 0),
    "another database": ("redis://127.0.0.1:{port}/5", 5),
    "a user limited to the prefix": ("redis://app:s3cret@127.0.0.1:{port}/5", 5),
    "TLS": ("rediss://app:s3cret@127.0.0.1:{tls}/5?ssl_ca_certs={ca}", 5),
}
CREATE_USER = "ACL SETUSER app on >s3cret ~mine:* +@read +@write +@connection"
LITERALS = {
    "host": r"\blocalhost\b|\b(?!0\.0\.0\.0)\d+\.\d+\.\d+\.\d+\b",
    "URL": r"\b(rediss?|unix|postgres\w*|mysql|mongodb|amqps?)://\w",
    "port": r"\b(6379|6380|26379|5432|3306|27017|5672|9092|11211)\b",
    "credential": r"(?i)(password|secret|token|api_?key)\w* *[=:] *[a-z]*[\"'][^\"']",
}
# A percent-encoded password, and the part of it that is the same when decoded.
PASSWORD, CANARY = "%40hunter2", "hunter2"


@pytest.fixture
def ca(tmp_path) -> tuple[CA, str]:
    """Return a certificate authority, and the path of its certificate."""
    authority, file = CA(), str(tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(file)
    return authority, file


@pytest.fixture
def tls(backing, ca) -> Iterator[TLSProxy]:
    """Run a TLS proxy with a valid certificate in front of Redis."""
    with TLSProxy(backing.port, issue_certificates(ca[0])["good"]) as proxy:
        Thread(target=proxy.serve_forever, args=(0.05,)).start()
        yield proxy
        proxy.shutdown()


def read_redis_errors(service: Service) -> set[str]:
    """Return the distinct Redis errors of the log."""
    errors = [event for event in service.events() if event["message"] == "redis unavailable"]
    return {f"{event['exception.type']}: {event['exception.message']}" for event in errors}


def read_refusal(service: Service) -> str:
    """Return the log of an instance that refused its settings."""
    assert service.process.wait(timeout=30) != 0
    return service.log.read_text()


@proves("IV.1")
@pytest.mark.parametrize(("template", "database"), REDIS_URLS.values(), ids=REDIS_URLS)
def test_the_url_alone_selects_the_redis(template, database, start, backing, tls, ca):
    with backing.client(db=database) as redis:
        redis.execute_command(*CREATE_USER.split())
        url = template.format(port=backing.port, tls=tls.port, ca=ca[1])
        service = start(REDIS_URL=url, KEY_PREFIX="mine:")
        assert service.get("/readyz").status == 200
        assert [service.count() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert [key.startswith("mine:") for key in redis.scan_iter()] == [True]
        assert set(redis.info("keyspace")) == {f"db{database}"}


@proves("IV.2")
@pytest.mark.parametrize("literal", LITERALS.values(), ids=LITERALS)
def test_no_code_contains_a_host_port_or_credential(literal):
    # healthcheck.py may name localhost: it probes its own instance.
    files = [*ROOT.joinpath(PACKAGE).rglob("*.py"), ROOT / "gunicorn.conf.py", ROOT / "Procfile"]
    lines = [(file.name, line) for file in files for line in file.read_text().splitlines()]
    assert [(name, line) for name, line in lines if re.search(literal, line)] == []


@proves("IV.6")
@pytest.mark.parametrize("defect", ["expired", "another host's", "unknown"])
def test_an_invalid_certificate_is_rejected(defect, start, tls, ca):
    valid, tls.certificate = tls.certificate, issue_certificates(ca[0])[defect]
    service = start(REDIS_URL=f"rediss://127.0.0.1:{tls.port}/0?ssl_ca_certs={ca[1]}")
    assert [service.get(path).status for path in ("/readyz", COUNT) * 2] == [503] * 4
    assert all("certificate verify failed" in error for error in read_redis_errors(service))
    workers = service.workers()

    tls.certificate = valid
    service.wait_until("/readyz", within=10)
    assert service.count() == 1
    assert service.workers() == workers


@proves("IV.6")
def test_an_instance_without_the_ca_never_becomes_ready(start, tls):
    service = start(REDIS_URL=f"rediss://127.0.0.1:{tls.port}/0")
    assert [service.get("/readyz").status for _ in range(4)] == [503] * 4
    assert all("certificate verify failed" in error for error in read_redis_errors(service))


@proves("IV.6")
@pytest.mark.parametrize("option", ["ssl_cert_reqs=none", "ssl_check_hostname=false"])
def test_the_url_cannot_disable_verification(option, start, tls):
    url = f"rediss://127.0.0.1:{tls.port}/0?{option}"
    assert "REDIS_URL: expected no options" in read_refusal(start(alive=False, REDIS_URL=url))


@proves("IV.7")
def test_the_password_of_the_url_appears_nowhere(start, backing):
    service = start(REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:{backing.port}/0", LOG_LEVEL="DEBUG")
    paths = (COUNT, PAGE, "/readyz", "/version", "/metrics")
    media_types = ("application/json", "text/html")
    responses = [service.get(path, Accept=kind) for path in paths for kind in media_types]
    with change_password(backing):
        responses += [service.get(path, Accept=kind) for path in paths for kind in media_types]
    backing.stop()
    responses += [service.get(path, Accept=kind) for path in paths for kind in media_types]
    config = ["flask", "--app", PACKAGE, "config"]
    printed = subprocess.run(
        config, cwd=ROOT, env=service.environ, capture_output=True, check=True, text=True
    )
    refusal = read_refusal(start(alive=False, REDIS_URL=f"redis://:{PASSWORD}@[/0"))

    assert "AuthenticationError" in service.log.read_text()
    assert "REDIS_URL=[redacted]" in printed.stdout
    assert CANARY not in service.log.read_text() + str(responses) + refusal
    assert CANARY not in printed.stdout + printed.stderr
