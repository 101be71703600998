"""X. Dev/prod parity: development, tests and production are alike. https://12factor.net/dev-prod-parity"""

import re

import pytest
from redis import Redis

from tests.factors.support import kernel, processes
from tests.factors.support.additions import PACKAGE
from tests.factors.support.repository import copied, texts
from tests.support.service import eventually

# A package that plays Redis, and a test that puts something in its place.
FAKE = r"(?:fake|mock|stub)\W?(?:redis|valkey)|(?:redis|valkey)\W?(?:fake|mock|stub)"
REPLACED = r"(?:patch|setattr|mock)\w*\(.*(?:redis|valkey)"
# What would change how the server works, and is no setting of a deploy.
SWITCH = re.compile("(?:FLASK|GUNICORN|PYTHON|WERKZEUG)_?|DEBUG")


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the repository in which the code may change."""
    return copied(tmp_path / "copy")


@pytest.fixture
def develop(start, folder):
    """Run bin/dev in the copy."""
    return start(cwd=folder, command=["bin/dev"])


def server(service, words):
    """Return the first process of an instance that has a command; None when there is none."""
    found = [pid for pid in processes.of(service) if processes.command(pid) == words]
    return min(found, default=None)


def test_X_2_no_fake_stands_in_for_redis():
    tests = texts(r"tests/.+\.py|requirements.*")
    fake = re.compile(f"{FAKE}|{REPLACED}", re.IGNORECASE)

    assert [name for name, text in tests.items() if fake.search(text)] == []


def test_X_2_the_tests_run_on_a_real_server(redis_url, evidence):
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        server = redis.info("server")

    program = server["executable"].rpartition("/")[2]
    assert program in {"redis-server", "valkey-server"}
    evidence(f"{program} {server.get('valkey_version', server['redis_version'])}")


@kernel.needed
def test_X_4_development_runs_the_command_of_production(service, develop):
    words = processes.command(service.process.pid)
    pid = server(develop, words)

    assert pid, f"no process is {words}"
    assert [name for name in processes.environ(pid) if SWITCH.match(name)] == []


def test_X_4_development_answers_like_production(service, develop):
    own = {"Date", "X-Request-ID"}
    answers = [service.get(), develop.get()]
    headers = [{name: answer.headers[name] for name in answer.headers} for answer in answers]

    assert [answer.json()["visits"] for answer in answers] == [1, 2]
    assert headers[0].keys() == headers[1].keys()
    assert {name for name in headers[0] if headers[0][name] != headers[1][name]} <= own


@kernel.needed
def test_X_4_development_restarts_when_the_code_changes(service, develop, folder):
    words = processes.command(service.process.pid)
    before = server(develop, words)
    with (folder / PACKAGE / "__init__.py").open("a") as code:
        code.write("\n")

    eventually(lambda: server(develop, words) not in {before, None})
    develop.wait_until_alive()
    assert develop.visit() == 1
