"""X. Dev/prod parity: development, tests and production are similar. https://12factor.net/dev-prod-parity"""

import re

import pytest
from redis import Redis

from tests.factors.support import procfs
from tests.factors.support.assertions import proves
from tests.factors.support.instance import PACKAGE
from tests.factors.support.probe import COUNT
from tests.factors.support.repository import copy_repository, read_texts
from tests.support.service import eventually

# Packages that emulate Redis, and patches that replace its client.
FAKE = r"(?:fake|mock|stub)\W?(?:redis|valkey)|(?:redis|valkey)\W?(?:fake|mock|stub)"
REPLACED = r"(?:patch|setattr|mock)\w*\(.*(?:redis|valkey)"
# Variables that change the server and are no settings; FLASK_APP is for the flask command.
SWITCH = re.compile("(?!FLASK_APP$)(?:FLASK|GUNICORN|PYTHON|WERKZEUG)_?|DEBUG")


@pytest.fixture
def folder(tmp_path):
    """Return a copy of the repository, whose code the test may change."""
    return copy_repository(tmp_path / "copy")


@pytest.fixture
def development(develop, folder):
    """Run bin/dev in the copy."""
    return develop(folder)


def find_process(service, words):
    """Return the id of the first process with a command, or None."""
    pids = [pid for pid in procfs.list_instance(service) if procfs.read_command(pid) == words]
    return min(pids, default=None)


def read_switches(pid):
    """Return the variables of a process that change the server."""
    return {name for name in procfs.read_environ(pid) if SWITCH.match(name)}


@proves("X.2")
def test_no_test_replaces_redis():
    tests = read_texts(r"(?:dev|tests)/.+\.py|requirements.*")
    fake = re.compile(f"{FAKE}|{REPLACED}", re.IGNORECASE)

    assert [name for name, text in tests.items() if fake.search(text)] == []


@proves("X.2")
def test_the_tests_run_on_a_real_redis(redis_url, evidence):
    with Redis.from_url(redis_url, decode_responses=True) as redis:
        server = redis.info("server")

    program = server["executable"].rpartition("/")[2]
    assert program in {"redis-server", "valkey-server"}
    evidence(f"{program} {server.get('valkey_version', server['redis_version'])}")


@proves("X.4")
@procfs.requires_procfs
def test_development_runs_the_command_of_production(service, development):
    words = procfs.read_command(service.process.pid)
    pid = find_process(development, words)

    assert pid, f"no process runs {words}"
    assert read_switches(pid) == read_switches(service.process.pid)


@proves("X.4")
def test_development_responses_match_production(service, development):
    varying = {"Date", "X-Request-ID"}
    responses = [service.get(COUNT), development.get(COUNT)]
    headers = [{name: one.headers[name] for name in one.headers} for one in responses]

    assert [one.json()["count"] for one in responses] == [1, 2]
    assert headers[0].keys() == headers[1].keys()
    assert {name for name in headers[0] if headers[0][name] != headers[1][name]} <= varying


@proves("X.4")
@procfs.requires_procfs
def test_development_restarts_after_a_code_change(service, development, folder):
    words = procfs.read_command(service.process.pid)
    before = find_process(development, words)
    with (folder / PACKAGE / "__init__.py").open("a") as code:
        code.write("\n")

    eventually(lambda: find_process(development, words) not in {before, None})
    development.wait_until_alive()
    assert development.count() == 1
