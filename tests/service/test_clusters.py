"""A service starts before its cluster, and its admin commands work on it."""

from __future__ import annotations

from pathlib import Path

from tests.service.workers import wait_for_workers
from tests.support.clusters import PRIMARIES, Cluster
from tests.support.environment import TOOLS
from tests.support.fixtures import Bake, Serve


def test_a_service_starts_before_its_cluster(bake: Bake, serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "servers"
    folder.mkdir()
    cluster = Cluster(folder)
    try:
        for _ in range(2 * PRIMARIES):
            cluster.start_node()
        service = serve(REDIS_URL=cluster.url)
        workers = wait_for_workers(service)
        assert service.get("/readyz").status == 503
        cluster.form()
        service.wait_until("/readyz", within=10)
        assert [service.visit() for _ in range(5)] == [1, 2, 3, 4, 5]
        assert service.workers() == workers

        project, environ = bake(), [f"REDIS_URL={cluster.url}", f"SECRET_KEY={'k' * 48}"]
        flask = ["env", *environ, "flask", "--app", project.answers["package_name"], "visits"]
        assert project.run(*flask, "show", PATH=TOOLS).stdout == "5\n"
        assert "Reset: 5 visits" in project.run(*flask, "reset", "--yes", PATH=TOOLS).stderr
        assert service.visit() == 1
    finally:
        cluster.kill()
