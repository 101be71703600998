"""VIII. Concurrency: every process type in Kubernetes. https://12factor.net/concurrency"""

import re
from importlib import import_module

import pytest

from tests.factors.support import service_file
from tests.factors.support.assertions import proves
from tests.factors.support.instance import PACKAGE
from tests.factors.support.kubernetes import read_manifests, read_pods
from tests.support.service import ROOT, process_types
from tests.support.settings import REQUIRED

# Beyond the time that a stop takes
MARGIN_SECONDS = 5
VERSION = "app.kubernetes.io/version"
TIMES = re.compile("^([A-Z_]+_(?:DELAY|TIMEOUT))=(.+)$", re.MULTILINE)
SAMPLES = sorted((ROOT / "config").glob("*.env.example"))


@proves("VIII.5")
def test_kubernetes_runs_the_command_of_every_process_type():
    commands = {name: pod["spec"]["containers"][0]["args"] for name, pod in read_pods().items()}

    assert commands == process_types(), "deploy/kubernetes/base: expected the types of the Procfile"
    scalers = read_manifests("HorizontalPodAutoscaler").values()
    scaled = {one["spec"]["scaleTargetRef"]["name"] for one in scalers}
    deployments = read_manifests("Deployment").items()
    fixed = {name for name, one in deployments if "replicas" in one["spec"]}
    assert scaled ^ fixed == set(commands), "expected an autoscaler or replicas, and not both"
    assert set(read_manifests("PodDisruptionBudget")) == set(commands)


@proves("VIII.5")
@pytest.mark.parametrize("name", process_types())
def test_pods_of_every_process_type_have_the_release_and_its_configuration(name):
    [container] = read_pods()[name]["spec"]["containers"]

    assert container["image"] == "service"
    assert {"secretRef": {"name": "config"}} in container["envFrom"]
    assert container["envFrom"][-1] == {"configMapRef": {"name": "release"}}


@proves("VIII.5")
@pytest.mark.parametrize("name", process_types())
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_pods_are_killed_later_than_their_stop_ends(name, sample):
    spec = read_pods()[name]["spec"]
    [container] = spec["containers"]
    hook = container.get("lifecycle", {}).get("preStop", {"sleep": {"seconds": 0}})
    values = dict(TIMES.findall(sample.read_text()))
    values |= {one["name"]: one["value"] for one in container.get("env", ())}
    settings = import_module(f"{PACKAGE}.runtime.settings").Settings.from_environ(REQUIRED | values)

    stop_seconds = hook["sleep"]["seconds"] + service_file.stop_seconds(name, settings)
    assert spec.get("terminationGracePeriodSeconds", 30) >= stop_seconds + MARGIN_SECONDS


@proves("VIII.5")
@pytest.mark.parametrize("name", process_types())
def test_pods_of_every_process_type_are_probed(name):
    [container] = read_pods()[name]["spec"]["containers"]

    missing = {"livenessProbe", "readinessProbe"} - set(container)
    assert not missing, f"deploy/kubernetes/base: {name} has no {min(missing)}"


@proves("VIII.5")
@pytest.mark.parametrize("name", process_types())
def test_pods_of_every_process_type_keep_to_the_restricted_profile(name):
    spec = read_pods()[name]["spec"]
    [container] = spec["containers"]

    for field in ("automountServiceAccountToken", "enableServiceLinks", "hostUsers"):
        assert spec[field] is False, field
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    expected = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
    assert container["securityContext"] == {**expected, "capabilities": {"drop": ["ALL"]}}
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]


@proves("VIII.5")
def test_no_selector_holds_a_version():
    selectors = {
        name: one["spec"]["selector"]["matchLabels"]
        for name, one in read_manifests("Deployment").items()
    }

    assert [name for name, labels in selectors.items() if VERSION in labels] == []
    for name, pod in read_pods().items():
        assert selectors[name].items() <= pod["metadata"]["labels"].items()
