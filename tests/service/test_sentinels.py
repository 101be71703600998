"""A service follows the primary that Sentinels name, and no answer reaches the wrong command."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.environment import TOOLS
from tests.support.fixtures import Bake, Serve, Tally
from tests.support.load import load
from tests.support.sentinels import DOWN_AFTER_SECONDS, SERVICE, Sentinels, run_sentinels
from tests.support.service import Service, eventually

REDIS_TIMEOUT_SECONDS = 1
# From the agreement of the Sentinels to a primary that accepts writes
FAILOVER_SECONDS = 2.5


# Asks for one value while the server of a process id is suspended, and for another one afterwards
ASK = """
import os, signal, sys
from redis import RedisError
from {package}.runtime.backing.connect import connect
from {package}.runtime.settings import Settings

client = connect(Settings.from_environ(os.environ))
client.mset({{"a": "first", "b": "second"}})
os.kill(int(sys.argv[1]), signal.SIGSTOP)
try:
    client.get("a")
except RedisError as error:
    print(type(error).__name__)
os.kill(int(sys.argv[1]), signal.SIGCONT)
print(client.get("b"))
"""


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    """Run servers and Sentinels."""
    folder = tmp_path / "sentinels"
    folder.mkdir()
    with run_sentinels(folder) as sentinels:
        yield sentinels


@pytest.fixture
def service(serve: Serve, sentinels: Sentinels) -> Service:
    """Run a service with the URL of the Sentinels."""
    return serve(REDIS_URL=sentinels.url, REDIS_TIMEOUT=f"{REDIS_TIMEOUT_SECONDS}s")


def kill(sentinels: Sentinels) -> None:
    """Kill the primary."""
    sentinels.servers[sentinels.primary()].kill()


def freeze(sentinels: Sentinels) -> None:
    """Suspend the primary: its connections stay open, and it answers no command."""
    sentinels.servers[sentinels.primary()].send_signal(signal.SIGSTOP)


def fail_over(sentinels: Sentinels) -> None:
    """Let the Sentinels exchange primary and replica."""
    sentinels.ask("FAILOVER", SERVICE)


@pytest.mark.parametrize(
    ("fault", "most_seconds"),
    [
        pytest.param(kill, DOWN_AFTER_SECONDS + FAILOVER_SECONDS, id="killed"),
        pytest.param(
            freeze, DOWN_AFTER_SECONDS + FAILOVER_SECONDS + REDIS_TIMEOUT_SECONDS, id="frozen"
        ),
        pytest.param(fail_over, FAILOVER_SECONDS, id="planned"),
    ],
)
def test_a_failover_needs_no_restart(
    fault: Callable[[Sentinels], None],
    most_seconds: float,
    service: Service,
    sentinels: Sentinels,
    tally: Tally,
) -> None:
    before = sentinels.primary()
    eventually(lambda: len(service.workers()) == 2)
    workers = service.workers()
    with load(f"http://127.0.0.1:{service.port}", 8, pause=0.005) as visits:
        visits.wait_for(200)
        started = time.monotonic()
        fault(sentinels)
        eventually(lambda: sentinels.primary() != before, 20)
        visits.wait_for(50)
        seconds = time.monotonic() - started
        visits.wait_for(500)
    assert seconds <= most_seconds
    assert all(one.startswith("503 ") for one in visits.failures), visits.failures
    # Replication is asynchronous: the new primary may lack the last numbers of the former one.
    repeated = len(visits.numbers) - len(set(visits.numbers))
    assert repeated <= visits.clients
    assert service.workers() == workers
    tally(
        f"milliseconds until a service followed a primary ({fault.__name__})", round(seconds * 1000)
    )
    tally("numbers given twice by failovers", repeated)


def test_a_late_answer_reaches_no_other_command(bake: Bake, sentinels: Sentinels) -> None:
    project = bake()
    primary = sentinels.servers[sentinels.primary()].pid
    given = {"REDIS_URL": sentinels.url, "REDIS_TIMEOUT": "200ms", "SECRET_KEY": "k" * 48}
    script = ASK.format(package=project.answers["package_name"])
    said = project.run("python", "-B", "-c", script, str(primary), PATH=TOOLS, **given).stdout
    assert said.split() == ["TimeoutError", "second"]
