"""A deploy in a real cluster: rollouts, scaling, a drained node and killed pods, under load."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kubernetes.deploy import PAGE, SLUG, WORKER, Deploy, run
from tests.kubernetes.jobs import kill_busy_worker, no_job_is_lost
from tests.kubernetes.pods import container_of, count_restarts
from tests.kubernetes.visits import no_request_is_lost, visited
from tests.releases.releasing import FAILED
from tests.support.containers import engine
from tests.support.fixtures import Tally
from tests.support.service import eventually

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]


def test_rollouts_and_a_rollback_lose_neither_request_nor_job(deploy: Deploy, tally: Tally) -> None:
    first = deploy.version()
    during = "2 rollouts and a rollback"
    with no_request_is_lost(deploy, tally, during), no_job_is_lost(deploy, tally, during):
        deploy.team.edit(PAGE, "Welcome, visitor", "Hello, number")
        second = deploy.release()
        eventually(lambda: deploy.version() == second, 10, deploy.version)
        restored = deploy.team.release("--rollback", first)
        started = time.monotonic()
        deploy.team.run("bin/run", restored)
        tally("seconds in which 2 pods were replaced", round(time.monotonic() - started))
    assert deploy.version() == restored


def test_scaling_and_a_killed_worker_lose_neither_request_nor_job(
    deploy: Deploy, tally: Tally
) -> None:
    during = "the kill of a worker, and scaling to 6 and 3 pods and back"
    deploy.wait_for_pods(2, WORKER)
    restarts = sum(map(count_restarts, deploy.find_pods(WORKER)))
    with no_request_is_lost(deploy, tally, during), no_job_is_lost(deploy, tally, during):
        kill_busy_worker(deploy)
        eventually(lambda: sum(map(count_restarts, deploy.find_pods(WORKER))) > restarts, 60)
        for web, worker in ((6, 3), (2, 2)):
            deploy.scale("web", web)
            deploy.scale("worker", worker)
            deploy.wait_for_pods(web)
            deploy.wait_for_pods(worker, WORKER)


def test_pods_that_are_deleted_one_by_one_lose_no_request(deploy: Deploy, tally: Tally) -> None:
    deploy.wait_for_pods(2)
    with no_request_is_lost(deploy, tally, "the replacement of each pod"):
        for pod in deploy.pods():
            deploy.kubectl("delete", "pod", pod)
            deploy.wait_for_pods(2)


def test_a_drained_node_loses_neither_request_nor_job(deploy: Deploy, tally: Tally) -> None:
    deploy.wait_for_pods(2)
    during = "a drained node"
    [node] = {one["spec"]["nodeName"] for one in deploy.find("pods")["items"]}
    before = deploy.pods()
    options = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=120s"]
    served = no_request_is_lost(deploy, tally, during)
    with served, no_job_is_lost(deploy, tally, during), ThreadPoolExecutor() as pool:
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
    with visited(deploy) as visits:
        engine("kill", "--signal", "KILL", container_of(pod))
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


def test_a_release_that_is_never_ready_loses_neither_request_nor_job(
    deploy: Deploy, tally: Tally
) -> None:
    during = "a release that is never ready"
    running = deploy.version()
    deploy.team.edit(f"{SLUG}/runtime/web/probes.py", '"/readyz"', '"/not-readyz"')
    bad = deploy.team.release(deploy.name, deploy.team.build("--"))
    with no_request_is_lost(deploy, tally, during), no_job_is_lost(deploy, tally, during):
        line = deploy.team.refused("bin/run", bad, status=FAILED, RUN_TIMEOUT="15")
        deploy.wait_for_pods(2)
        deploy.wait_for_pods(2, WORKER)
    assert "web was not ready; run " in line
    assert deploy.version() == running
    deploy.team.edit(f"{SLUG}/runtime/web/probes.py", '"/not-readyz"', '"/readyz"')
