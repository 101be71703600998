"""One image and three Redis servers: REDIS_URL alone selects the server."""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import trustme

from tests.containers.stack import Stack
from tests.support.containers import engine, run_container
from tests.support.image import Image
from tests.support.service import eventually

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]

SERVERS = {
    "plain": [],
    "users": shlex.split(
        "--requirepass other --user app on '>hunter2' '~visit-counter:*' +incrby +ping +select"
    ),
    "tls": [
        *["--port", "0", "--tls-port", "6379", "--tls-auth-clients", "no"],
        *["--tls-cert-file", "/tls/server.pem", "--tls-key-file", "/tls/server.key"],
    ],
}
GET = """
import sys, urllib.error, urllib.request
try:
    answer = urllib.request.urlopen("http://127.0.0.1:8000" + sys.argv[1])
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""


@pytest.fixture(scope="module")
def network(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Run the servers in a new network; return the container options that reach them."""
    folder = tmp_path_factory.mktemp("tls")
    folder.chmod(0o755)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("tls")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    (folder / "server.key").chmod(0o644)
    redis = Stack(image.project, "test", {}).config()["redis"]["image"]
    with ExitStack() as stack:
        name = f"test-{secrets.token_hex(4)}"
        engine("network", "create", name)
        stack.callback(engine, "network", "rm", name)
        options = ["--network", name, "--user", "999:999", "--volume", f"{folder}:/tls:ro"]
        for kind, words in SERVERS.items():
            command = ["redis-server", "--dir", "/tmp", "--save", "", *words]  # noqa: S108
            stack.enter_context(
                run_container(redis, "--network-alias", kind, *options, command=command)
            )
        yield options[:2] + options[4:]


@pytest.mark.proves("IV.1", "IV.6")
@pytest.mark.parametrize(
    ("url", "ready"),
    [
        pytest.param("redis://plain:6379/0", True, id="plain"),
        pytest.param("redis://app:hunter2@users:6379/5", True, id="user and database"),
        pytest.param("redis://app:wrong@users:6379/5", False, id="wrong password"),
        pytest.param("rediss://tls:6379/0?ssl_ca_certs=/tls/ca.pem", True, id="TLS"),
        pytest.param("rediss://tls:6379/0", False, id="TLS, unknown authority"),
    ],
)
def test_the_url_alone_selects_the_redis(
    url: str, ready: bool, image: Image, network: list[str]
) -> None:
    given = {"REDIS_URL": url, "SECRET_KEY": "k" * 48, "REDIS_TIMEOUT": "5s"}
    options = [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
    with run_container(image.name, *network, *options) as container:

        def fetch(path: str) -> tuple[int, str]:
            output = engine("exec", container, "python", "-c", GET, path, status=None)
            status, _, body = output.partition(" ")
            return (int(status), body) if status.isdigit() else (0, output)

        eventually(lambda: fetch("/livez")[0] == 200, 20, lambda: engine("logs", container))
        assert fetch("/readyz")[0] == (200 if ready else 503)
        status, body = fetch("/")
        assert status == (200 if ready else 503), engine("logs", container)
        if ready:
            assert json.loads(body)["visits"] == 1
        else:
            assert json.loads(body)["title"] == "Service Unavailable"
        assert "hunter2" not in engine("logs", container)
