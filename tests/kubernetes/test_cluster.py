"""A deploy in a real cluster: rollouts, scaling, a drained node and killed pods, under load."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.kubernetes.deploy import Deploy, count_restarts, run
from tests.releases.releasing import FAILED, Team
from tests.support.containers import engine, inspect, run_container
from tests.support.fixtures import Bake, Tally
from tests.support.load import Load, load
from tests.support.program import run_programs
from tests.support.registry import Registry
from tests.support.service import eventually, get

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]

SLUG = "clustered"
PAGE = f"{SLUG}/visits/routes.py"


@pytest.fixture(scope="module")
def team(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Return a team with a registry, and remove its images afterwards."""
    folder = tmp_path_factory.mktemp("cluster")
    with run_programs(folder) as start:
        registry = Registry.run(start, folder)
        answers = {"project_slug": SLUG, "package_name": SLUG, "kubernetes": "yes"}
        project = bake(**answers, image_repository=registry.repository)
        team = Team.of(project, folder / "team", RUN_TIMEOUT="120")
        # Clients of the cluster send requests of both kinds.
        team.edit(PAGE, '.get("/")', '.route("/", methods=["GET", "POST"])')
        team.run("bin/setup", "kubernetes")
        yield team
        registry.forget()


@pytest.fixture(scope="module")
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
            yield deploy
        finally:
            deploy.remove()


@contextmanager
def visited(deploy: Deploy) -> Iterator[Load]:
    """Visit with 12 clients that wait 50 ms between their requests."""
    with load(deploy.url, 12, pause=0.05, methods=("GET", "POST")) as visits:
        yield visits


@contextmanager
def no_request_is_lost(deploy: Deploy, tally: Tally, during: str) -> Iterator[Load]:
    """Visit; raises AssertionError if a request fails or a number is a duplicate."""
    with visited(deploy) as visits:
        yield visits
    assert visits.failures == []
    assert len(set(visits.numbers)) == len(visits.numbers)
    tally(f"requests in a cluster during {during}, none lost", len(visits.numbers))


def test_rollouts_and_a_rollback_lose_no_request(deploy: Deploy, tally: Tally) -> None:
    first = deploy.version()
    with no_request_is_lost(deploy, tally, "2 rollouts and a rollback"):
        deploy.team.edit(PAGE, "Welcome, visitor", "Hello, number")
        second = deploy.release()
        eventually(lambda: deploy.version() == second, 10, deploy.version)
        restored = deploy.team.release("--rollback", first)
        deploy.team.run("bin/run", restored)
    assert deploy.version() == restored


def test_scaling_to_six_and_back_loses_no_request(deploy: Deploy, tally: Tally) -> None:
    with no_request_is_lost(deploy, tally, "scaling from 2 to 6 and back"):
        for number in (6, 2):
            bounds = {"spec": {"minReplicas": number, "maxReplicas": number}}
            deploy.kubectl("patch", "hpa", "web", "--patch", json.dumps(bounds))
            deploy.wait_for_pods(number)


def test_pods_that_are_deleted_one_by_one_lose_no_request(deploy: Deploy, tally: Tally) -> None:
    deploy.wait_for_pods(2)
    with no_request_is_lost(deploy, tally, "the replacement of each pod"):
        for pod in deploy.pods():
            deploy.kubectl("delete", "pod", pod)
            deploy.wait_for_pods(2)


def test_a_drained_node_loses_no_request(deploy: Deploy, tally: Tally) -> None:
    deploy.wait_for_pods(2)
    [node] = {one["spec"]["nodeName"] for one in deploy.find("pods")["items"]}
    before = deploy.pods()
    options = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s"]
    with no_request_is_lost(deploy, tally, "a drained node"), ThreadPoolExecutor() as pool:
        drained = pool.submit(run, "kubectl", "drain", node, *options)
        try:
            # The budget leaves one pod, since its successor has no other node.
            eventually(lambda: len(deploy.pods()) == 1, 60, deploy.pods)
        finally:
            run("kubectl", "uncordon", node)
        drained.result()
        deploy.wait_for_pods(2)
    assert not set(before) & set(deploy.pods())


def test_a_killed_pod_loses_what_it_had_in_hand(deploy: Deploy, tally: Tally) -> None:
    deploy.wait_for_pods(2)
    [pod, _] = deploy.find_pods()
    restarts = sum(map(count_restarts, deploy.find_pods()))
    container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("docker://")
    with visited(deploy) as visits:
        engine("kill", "--signal", "KILL", container)
        # The pod counts as ready until its node has noticed.
        eventually(lambda: sum(map(count_restarts, deploy.find_pods())) > restarts, 60)
        deploy.wait_for_pods(2)
    # Nobody received a request whose connection was refused: a Gateway sends it to another pod.
    lost = [one for one in visits.failures if not one.startswith("ConnectionRefusedError")]
    assert len(lost) <= visits.clients, lost
    assert len(set(visits.numbers)) == len(visits.numbers)
    tally("requests in a cluster while a pod was killed", len(visits.numbers))
    tally("requests that a killed pod had in hand", len(lost))
    tally("connections that a killed pod refused", len(visits.failures) - len(lost))


def test_a_release_that_is_never_ready_loses_no_request(deploy: Deploy, tally: Tally) -> None:
    running = deploy.version()
    deploy.team.edit(f"{SLUG}/runtime/web/probes.py", '"/readyz"', '"/not-readyz"')
    bad = deploy.team.release(deploy.name, deploy.team.build("--"))
    with no_request_is_lost(deploy, tally, "a release that is never ready"):
        line = deploy.team.refused("bin/run", bad, status=FAILED, RUN_TIMEOUT="15")
        deploy.wait_for_pods(2)
    assert "web was not ready; run " in line
    assert deploy.version() == running
    deploy.team.edit(f"{SLUG}/runtime/web/probes.py", '"/not-readyz"', '"/readyz"')


def test_an_admin_command_runs_in_a_job(deploy: Deploy) -> None:
    words = ["flask", "--app", SLUG, "visits", "reset", "--yes"]
    said = deploy.team.run("bin/run", deploy.version(), "--", *words).stdout
    assert re.search(r"\d", said), said
    assert get(deploy.url).json()["visits"] == 1


def test_a_dry_run_prints_what_would_change(deploy: Deploy) -> None:
    before = deploy.version()
    number = deploy.team.release(deploy.name, deploy.team.build("--"))
    said = deploy.team.run("bin/run", number, "--dry-run").stdout
    assert re.search(rf"(?m)^\+ .*version: {number}$", said), said
    assert deploy.version() == before
