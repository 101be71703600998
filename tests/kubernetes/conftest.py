"""Fixtures of a real cluster: a team, and a deploy that runs its first release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kubernetes.deploy import PAGE, SLUG, WORKER, Deploy
from tests.kubernetes.jobs import count_executions
from tests.releases.releasing import Team
from tests.support.containers import inspect, run_container
from tests.support.fixtures import Bake
from tests.support.program import run_programs
from tests.support.registry import Registry


@pytest.fixture(scope="session")
def team(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Return a team with a registry, and remove its images afterwards."""
    folder = tmp_path_factory.mktemp("cluster")
    with run_programs(folder) as start:
        registry = Registry.run(start, folder)
        answers = {"project_slug": SLUG, "package_name": SLUG, "kubernetes": "yes", "worker": "yes"}
        project = bake(**answers, image_repository=registry.repository)
        team = Team.of(project, folder / "team", RUN_TIMEOUT="120")
        # Clients of the cluster send requests of both kinds.
        team.edit(PAGE, '.get("/")', '.route("/", methods=["GET", "POST"])')
        count_executions(team)
        team.run("bin/setup", "kubernetes")
        yield team
        registry.forget()


@pytest.fixture(scope="session")
def deploy(team: Team) -> Iterator[Deploy]:
    """Run a first release, with a Redis outside of the cluster; remove the namespace afterwards."""
    image = "redis:" + team.clone.read("compose.yaml").split("image: redis:")[1].split()[0]
    # Without snapshots: a container that cannot write one refuses commands.
    with run_container(image, command=["redis-server", "--save", ""]) as redis:
        address = inspect(redis)["NetworkSettings"]["IPAddress"]
        settings = {
            "REDIS_URL": f"redis://{address}:6379/0",
            "PROXY_HOPS": "0",
            "REDIS_TIMEOUT": "5s",
        }
        deploy = Deploy.prepare(team, "staging", **settings)
        try:
            deploy.release()
            deploy.wait_for_pods(2)
            deploy.wait_for_pods(2, WORKER)
            yield deploy
        finally:
            deploy.remove()
