"""The gate of a service refuses manifests that do not run every process type as a release."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.gate.outcomes import GATE, read_outcomes
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

pytestmark = pytest.mark.gate

TESTS = f"{GATE}/test_08_manifests.py"
BASE = "deploy/kubernetes/base"
WEB, WORKER = f"{BASE}/web.yaml", f"{BASE}/worker.yaml"
# Violation -> the file, a pattern of which it has one match, and the text in its place
VIOLATIONS = {
    "a process type without a Deployment": ("Procfile", r"\Z", "worker: python -m tasks\n"),
    "another command": (WEB, r"args: \[python, -m, .*\]", "args: [flask, run]"),
    "replicas beside an autoscaler": (WEB, "^  strategy:$", "  replicas: 2\n  strategy:"),
    "no autoscaler": (WEB, "^kind: HorizontalPodAutoscaler$", "kind: Other"),
    "no disruption budget": (WEB, "^kind: PodDisruptionBudget$", "kind: Other"),
    "an image that is not the release's": (WEB, "image: service", "image: redis"),
    "a configuration that is not the release's": (WEB, "name: config", "name: other"),
    "a release that is not the last": (
        WEB,
        r"^( +- secretRef.*\n)( +- configMapRef.*\n)",
        r"\2\1",
    ),
    "a grace period that is too short": (WEB, "(?<=PeriodSeconds: )35", "29"),
    "a longer stop in a sample": (
        "config/production.env.example",
        "^GRACEFUL_TIMEOUT=$",
        "GRACEFUL_TIMEOUT=40s",
    ),
    "a token": (WEB, "(?<=automountServiceAccountToken: )false", "true"),
    "Services as variables": (WEB, "(?<=enableServiceLinks: )false", "true"),
    "users of the node": (WEB, "(?<=hostUsers: )false", "true"),
    "a writable root": (WEB, "(?<=readOnlyRootFilesystem: )true", "false"),
    "a capability": (WEB, r"drop: \[ALL\]", "drop: [ALL], add: [NET_ADMIN]"),
    "no limit of memory": (WEB, "(?<=limits: {)memory: 512Mi, ", ""),
    "a version in a selector": (
        WEB,
        r"^    matchLabels: \*labels\n  # New pods",
        "    matchLabels: {app.kubernetes.io/version: v1}\n  # New pods",
    ),
    "no readiness probe": (WEB, "readinessProbe", "otherProbe"),
}
VIOLATIONS_OF_A_WORKER = {
    "no process type for a Deployment": ("Procfile", r"^worker: .*\n", ""),
    "a manifest that Kustomize does not read": (f"{BASE}/kustomization.yaml", ".*worker.*\n", ""),
    "the command of another process type": (WORKER, r'\.worker(?="\])', ""),
    "an autoscaler of another process type": (WORKER, "(?<=Deployment, name: )worker", "web"),
    "no disruption budget": (WORKER, "^kind: PodDisruptionBudget$", "kind: Other"),
    "a second image": (WORKER, "image: service", "image: worker"),
    "no configuration": (WORKER, r"^ +- secretRef.*\n", ""),
    "a grace period that is too short": (WORKER, "(?<=PeriodSeconds: )35", "24"),
    "a longer job in a sample": (
        "config/production.env.example",
        "^JOB_TIMEOUT=$",
        "JOB_TIMEOUT=10m",
    ),
    "no liveness probe": (WORKER, "livenessProbe", "otherProbe"),
    "no readiness probe": (WORKER, "readinessProbe", "otherProbe"),
    "a writable root": (WORKER, "(?<=readOnlyRootFilesystem: )true", "false"),
}


@pytest.fixture
def project(request: pytest.FixtureRequest, prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return a project with manifests after bin/setup, which the test may change."""
    return prepare(kubernetes="yes", worker=request.param).copy_to(tmp_path)


@pytest.mark.parametrize("project", ["no", "yes"], indirect=True)
def test_manifests_of_a_new_service_pass(project: BakedProject) -> None:
    assert read_outcomes(project, TESTS, status=0) == {"proved": {"VIII.5"}}


@pytest.mark.parametrize("project", ["no"], indirect=True)
@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_is_refused(violation: str, project: BakedProject) -> None:
    check_refusal(project, *VIOLATIONS[violation])


@pytest.mark.parametrize("project", ["yes"], indirect=True)
@pytest.mark.parametrize("violation", VIOLATIONS_OF_A_WORKER)
def test_a_violation_of_a_worker_is_refused(violation: str, project: BakedProject) -> None:
    check_refusal(project, *VIOLATIONS_OF_A_WORKER[violation])


def check_refusal(project: BakedProject, name: str, pattern: str, text: str) -> None:
    """Replace the one match of a pattern; raises AssertionError if the gate still passes."""
    changed, matches = re.subn(pattern, text, project.read(name), flags=re.MULTILINE)
    assert matches == 1
    project.write(name, changed)
    assert read_outcomes(project, TESTS, status=1)["failure"] == {"VIII.5"}
