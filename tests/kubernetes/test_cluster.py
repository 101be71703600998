"""A deploy in a real cluster: rollouts, scaling, a drained node and killed pods, under load."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.kubernetes.deploy import PAGE, SLUG, Deploy, count_restarts, run
from tests.kubernetes.visits import no_request_is_lost, visited
from tests.releases.releasing import FAILED
from tests.support.containers import engine
from tests.support.fixtures import Tally
from tests.support.service import eventually

pytestmark = [pytest.mark.kubernetes, pytest.mark.xdist_group("containers")]


def test_rollouts_and_a_rollback_lose_no_request(deploy: Deploy, tally: Tally) -> None:
    first = deploy.version()
    with no_request_is_lost(deploy, tally, "2 rollouts and a rollback"):
        deploy.team.edit(PAGE, "Welcome, visitor", "Hello, number")
        second = deploy.release()
        eventually(lambda: deploy.version() == second, 10, deploy.version)
        restored = deploy.team.release("--rollback", first)
        started = time.monotonic()
        deploy.team.run("bin/run", restored)
        tally("seconds in which 2 pods were replaced", round(time.monotonic() - started))
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
