"""Manifests are valid for current clusters, and hold what a release is made of."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.kubernetes.rendering import CONFIG, IMAGE, read, read_pods, render, render_release
from tests.kubernetes.validation import NO_SCHEMA, validate
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

DEPLOYS = ("development", "staging", "production")
NAME = "visit-counter"
POLICY = "NetworkPolicy"
# Fields of an HTTPRoute that the manifests use, by https://gateway-api.sigs.k8s.io/reference/spec/
PARENT, RULE = {"name", "namespace"}, {"matches", "backendRefs"}


@pytest.fixture(params=["yes", "no"], ids=["with a worker", "without a worker"])
def project(request: pytest.FixtureRequest, bake: Bake, tmp_path: Path) -> BakedProject:
    """Return a project with manifests, which the test may change."""
    return bake(kubernetes="yes", worker=request.param).copy_to(tmp_path)


def list_types(project: BakedProject) -> list[str]:
    """Return the process types of the Procfile."""
    return [line.split(":")[0] for line in project.read("Procfile").splitlines()]


@pytest.mark.parametrize("deploy", DEPLOYS)
def test_every_manifest_is_valid_for_a_current_cluster(
    deploy: str, project: BakedProject, tmp_path: Path
) -> None:
    warnings = validate(render_release(project, deploy), tmp_path / "all.yaml", 0)
    # A kind without a schema is a warning only, so no other may be one.
    assert [line for line in warnings if NO_SCHEMA not in line] == []


@pytest.mark.parametrize("defect", ["replicas: two", "replica: 2"])
def test_a_defect_is_found(defect: str, project: BakedProject, tmp_path: Path) -> None:
    rendered = render_release(project, "staging")
    changed = rendered.replace("  strategy:\n", f"  {defect}\n  strategy:\n", 1)
    assert changed != rendered
    validate(changed, tmp_path / "all.yaml", 1)


@pytest.mark.parametrize("deploy", ["staging", "production"])
def test_the_route_has_fields_of_the_gateway_api_only(deploy: str, project: BakedProject) -> None:
    route = read(render_release(project, deploy))["HTTPRoute", NAME]

    assert route["apiVersion"] == "gateway.networking.k8s.io/v1"
    assert set(route["spec"]) == {"parentRefs", "hostnames", "rules"}
    assert all(set(one) <= PARENT for one in route["spec"]["parentRefs"])
    assert all(set(one) <= RULE for one in route["spec"]["rules"])
    [served, hidden] = route["spec"]["rules"]
    assert served["backendRefs"] == [{"name": "web", "port": 80}]
    assert served["matches"] == [{"path": {"type": "PathPrefix", "value": "/"}}]
    assert hidden == {"matches": [{"path": {"type": "PathPrefix", "value": "/metrics"}}]}


def test_hosts_of_the_route_are_those_of_the_configuration(project: BakedProject) -> None:
    for deploy in ("staging", "production"):
        [host] = read(render_release(project, deploy))["HTTPRoute", NAME]["spec"]["hostnames"]
        assert f"TRUSTED_HOSTS={host}\n" in project.read(f"config/{deploy}.env.example")


def test_a_release_is_an_image_by_digest_a_configuration_and_an_id(project: BakedProject) -> None:
    manifests = read(render_release(project, "staging"))

    names = {kind: name for kind, name in manifests if kind in ("ConfigMap", "Secret")}
    assert all(manifests[one]["immutable"] for one in names.items())
    assert manifests["ConfigMap", names["ConfigMap"]]["data"] == {"RELEASE": "v7"}
    config = manifests["Secret", names["Secret"]]["data"]
    decoded = {name: base64.b64decode(value).decode() for name, value in config.items()}
    settings = dict(line.split("=", 1) for line in CONFIG.splitlines()[1:])
    assert decoded == {name: value for name, value in settings.items() if value} != settings
    for name in list_types(project):
        pod = manifests["Deployment", name]["spec"]["template"]
        [container] = pod["spec"]["containers"]
        assert container["image"] == IMAGE
        assert [one.popitem()[1]["name"] for one in container["envFrom"]] == [*names.values()][::-1]
        assert pod["metadata"]["labels"]["app.kubernetes.io/version"] == "v7"


def test_every_object_of_a_deploy_is_in_its_namespace(project: BakedProject) -> None:
    for (kind, name), one in read(render_release(project, "staging")).items():
        found = name if kind == "Namespace" else one["metadata"]["namespace"]
        assert found == f"{NAME}-staging", kind


def test_a_release_leaves_the_redis_of_development_alone(project: BakedProject) -> None:
    pods = read_pods(render_release(project, "development"))
    assert set(pods) == {*list_types(project), "redis"}
    assert "app.kubernetes.io/version" not in pods["redis"]["metadata"]["labels"]
    assert pods["redis"]["spec"]["containers"][0]["image"] in project.read("compose.yaml")


def test_every_policy_is_known(project: BakedProject) -> None:
    found = {name for kind, name in read(render_release(project, "staging")) if kind == POLICY}
    assert found == {"deny-all", "backing-services", *list_types(project)}


def test_secrets_from_elsewhere_are_mounted_as_files(project: BakedProject, tmp_path: Path) -> None:
    overlay = "deploy/kubernetes/overlays/staging/kustomization.yaml"
    project.write(overlay, project.read(overlay) + "components: [../../secret-files]\n")
    rendered = render(project, "deploy/kubernetes/overlays/staging")

    [line, *_] = validate(rendered, tmp_path / "all.yaml", 0)
    assert NO_SCHEMA in line
    pods = read_pods(rendered)
    for name in list_types(project):
        spec = pods[name]["spec"]
        assert spec["volumes"][1] == {
            "name": "secrets",
            "secret": {"secretName": "secrets", "defaultMode": 0o440},
        }
        mount = spec["containers"][0]["volumeMounts"][1]
        line = f"SECRET_KEY_FILE={mount['mountPath']}/secret-key\n"
        assert line in project.read("docs/kubernetes.md")


@pytest.mark.parametrize("slug", ["3-d", "null", "1e3", "on", "s" * 40])
def test_manifests_of_every_name_are_valid(slug: str, bake: Bake, tmp_path: Path) -> None:
    project = bake(kubernetes="yes", project_slug=slug, package_name="shop").copy_to(tmp_path)
    rendered = render_release(project, "development")

    assert validate(rendered, tmp_path / "all.yaml", 0) == []
    manifests = read(rendered)
    assert ("ServiceAccount", slug) in manifests
    # Only the name of a Service has to begin with a letter (RFC 1035).
    assert {name for kind, name in manifests if kind == "Service"} == {"web", "redis"}
