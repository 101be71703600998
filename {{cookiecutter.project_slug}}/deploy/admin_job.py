"""Admin commands in a cluster: Jobs with the image and the configuration of what runs."""

from __future__ import annotations

import json
import time
from subprocess import PIPE
from typing import Any

from deploy.cluster import VERSION, Cluster
from deploy.refusal import FAILED, REFUSED, Refusal

KEPT_SECONDS = 86_400  # of a finished Job, with its log
POLL_SECONDS = 0.5
OF_SERVERS = ("ports", "lifecycle", "startupProbe", "livenessProbe", "readinessProbe")


def run_admin_command(cluster: Cluster, words: list[str]) -> None:
    """Run a command in a Job, print its output, and wait for its end; raises Refusal."""
    release = cluster.release
    web = cluster.find("web")
    running = web["metadata"]["labels"].get(VERSION) if web else "no release"
    if running != release.id:
        remedy = f"run bin/run {release.id}, or name the release that runs"
        raise Refusal(REFUSED, f"{running} runs as {release.deploy}", remedy)
    manifest = json.dumps(make_job(web, words))
    create = ("create", "--filename=-", "--output=name")
    job = cluster.kubectl(*create, stdin=manifest, stdout=PIPE).output().strip()
    waiting = f"--pod-running-timeout={cluster.timeout}s"
    cluster.kubectl("logs", "--follow", job, waiting, stdout=None)
    deadline = time.monotonic() + cluster.timeout
    while not (outcome := find_outcome(cluster, job)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if outcome != "Complete":
        raise Refusal(FAILED, f"{job} did not succeed", cluster.hint("describe", job))


def make_job(deployment: dict[str, Any], words: list[str]) -> dict[str, Any]:
    """Return a Job that runs a command in the image and with the configuration of a Deployment."""
    template = deployment["spec"]["template"]
    labels = {**template["metadata"]["labels"], "app.kubernetes.io/component": "admin"}
    [first] = template["spec"]["containers"]
    container = {name: value for name, value in first.items() if name not in OF_SERVERS}
    pod = {
        **template["spec"],
        "containers": [{**container, "name": "admin", "args": words}],
        "restartPolicy": "Never",
        "topologySpreadConstraints": [],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"generateName": "admin-", "labels": labels},
        "spec": {
            "backoffLimit": 0,  # a command that failed half-way is for a person to repeat
            "ttlSecondsAfterFinished": KEPT_SECONDS,
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def find_outcome(cluster: Cluster, job: str) -> str:
    """Return how a Job ended, Complete or Failed, or "" while it runs."""
    found = cluster.kubectl("get", job, "--output=json", stdout=PIPE).output()
    conditions = json.loads(found)["status"].get("conditions", [])
    ends = [one["type"] for one in conditions if one["status"] == "True"]
    return next((end for end in ends if end in ("Complete", "Failed")), "")
