"""A deploy of development in a real cluster, with a Redis of its own and one pod of each type."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.kubernetes.deploy import SLUG, WORKER, Deploy
from tests.releases.releasing import Team
from tests.support.service import eventually, get, request

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]

# Reads the names of the Services again, in a cluster whose name server does not watch them
READ_NAMES = shlex.split(os.environ.get("CLUSTER_DNS", ""))


def find_version(deploy: Deploy) -> str:
    """Return the release that answers, or nothing before the nodes forward requests to its pods."""
    with suppress(OSError):
        return deploy.version()
    return ""


def release_with_redis(deploy: Deploy) -> str:
    """Run the first release, whose pods start before they can find their Redis; return its id."""
    names = "--output=jsonpath={.items[*].metadata.name}"
    with ThreadPoolExecutor() as pool:
        released = pool.submit(deploy.release)
        eventually(
            lambda: released.done() or "redis" in deploy.kubectl("get", "services", names), 60
        )
        if READ_NAMES:
            subprocess.run(READ_NAMES, check=True)
        return released.result()


@pytest.fixture(scope="module")
def development(team: Team) -> Iterator[Deploy]:
    """Return a deploy with a Redis of its own, without a release; remove the namespace afterwards."""
    settings = {"REDIS_URL": "redis://redis:6379/0", "PROXY_HOPS": "0"}
    deploy = Deploy.prepare(team, "development", **settings)
    try:
        yield deploy
    finally:
        deploy.remove()


def test_every_process_type_finds_its_redis(development: Deploy) -> None:
    release = release_with_redis(development)
    eventually(lambda: find_version(development) == release)
    assert [get(development.url).json()["visits"] for _ in range(2)] == [1, 2]
    request(urlsplit(development.url).netloc, "/totals", "POST")
    eventually(lambda: get(f"{development.url}/totals").json())


def test_a_release_without_a_worker_leaves_none(development: Deploy) -> None:
    kinds = "deployments,horizontalpodautoscalers,poddisruptionbudgets"
    assert len(development.find(kinds, WORKER)["items"]) == 3
    team = development.team
    team.edit("Procfile", f"worker: python -m {SLUG}.worker\n", "")
    team.edit("deploy/kubernetes/base/kustomization.yaml", "  - worker.yaml\n", "")
    development.release()
    assert development.find(kinds, WORKER)["items"] == []
    # A Redis of the same release is no process type.
    names = [one["metadata"]["name"] for one in development.find("deployments")["items"]]
    assert names == ["redis", "web"]
