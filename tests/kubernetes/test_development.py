"""A deploy of development in a real cluster has a Redis of its own, which it finds by its name."""

from __future__ import annotations

import os
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.kubernetes.deploy import Deploy
from tests.releases.releasing import Team
from tests.support.service import eventually, get

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]

# Reads the names of the Services again, in a cluster whose name server does not watch them
READ_NAMES = shlex.split(os.environ.get("CLUSTER_DNS", ""))


def find_version(deploy: Deploy) -> str:
    """Return the release that answers, or nothing before the nodes forward requests to its pods."""
    with suppress(OSError):
        return deploy.version()
    return ""


def test_the_service_finds_its_redis(team: Team) -> None:
    settings = {"REDIS_URL": "redis://redis:6379/0", "PROXY_HOPS": "0"}
    deploy = Deploy.prepare(team, "development", **settings)
    with ThreadPoolExecutor() as pool:
        try:
            released = pool.submit(deploy.release)
            names = "--output=jsonpath={.items[*].metadata.name}"
            eventually(
                lambda: released.done() or "redis" in deploy.kubectl("get", "services", names), 60
            )
            if READ_NAMES:
                subprocess.run(READ_NAMES, check=True)
            release = released.result()
            eventually(lambda: find_version(deploy) == release)
            assert [get(deploy.url).json()["visits"] for _ in range(2)] == [1, 2]
        finally:
            deploy.remove()
