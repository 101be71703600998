"""The Dockerfile and the compose files, checked without a container engine."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.environment import SERVICE
from tests.support.fixtures import Bake

PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*@sha256:[0-9a-f]{64}")
OWN = {"web", "worker"}
LOCAL = ("127.0.0.1:", "${HTTP_ADDRESS:-127.0.0.1}:")
FILES = ("compose.yaml", "compose.logging.yaml")


@pytest.fixture(params=["no", "yes"], ids=["web", "web and worker"])
def project(request: pytest.FixtureRequest, bake: Bake) -> BakedProject:
    """Return a project without a worker, and one with a worker."""
    return bake(worker=request.param)


@pytest.fixture
def compose(project: BakedProject) -> dict[str, Any]:
    """Return its compose.yaml."""
    return load(project.read("compose.yaml"))


@pytest.fixture
def logging(project: BakedProject) -> dict[str, Any]:
    """Return its compose.logging.yaml."""
    return load(project.read("compose.logging.yaml"))


def load(text: str) -> dict[str, Any]:
    """Return the content of a compose file."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def seconds(duration: str) -> int:
    """Return a duration such as 30s in seconds."""
    return int(duration.removesuffix("s"))


@pytest.mark.proves("I.1")
def test_there_is_one_dockerfile_and_one_project_name(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    assert [name for name in project.files() if "Dockerfile" in name] == ["Dockerfile"]
    assert compose["name"] == project.answers["project_slug"]
    assert [name for name, service in compose["services"].items() if "build" in service] == ["web"]


@pytest.mark.proves("II.7", "II.8")
def test_every_image_is_pinned_by_tag_and_digest(
    project: BakedProject, compose: dict[str, Any], logging: dict[str, Any]
) -> None:
    services = compose["services"] | logging["services"]
    images = {name: services[name]["image"] for name in services if name not in OWN}
    [base] = re.findall("^ARG PYTHON_IMAGE=(.*)$", project.read("Dockerfile"), re.MULTILINE)
    assert [image for image in [base, *images.values()] if not PINNED.fullmatch(image)] == []
    assert base.startswith(f"python:{project.answers['python_version']}.")
    stages = re.findall(r"^FROM (\S+)", project.read("Dockerfile"), re.MULTILINE)
    assert set(stages) == {"${PYTHON_IMAGE}"}


def test_the_dockerfile_of_each_python_differs_in_the_base_only(bake: Bake) -> None:
    texts = [bake(python_version=version).read("Dockerfile") for version in ("3.14", "3.13")]
    [first, second] = [re.sub("^(ARG PYTHON_IMAGE=).*$", "", text, flags=re.M) for text in texts]
    assert first == second
    assert texts[0] != texts[1]


@pytest.mark.proves("II.9")
@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile-3.13"])
def test_a_bot_can_read_the_dockerfile_in_the_template(name: str) -> None:
    text = (SERVICE / name).read_text("utf-8")
    # Jinja is in a string of the command only, so this is a Dockerfile before it is rendered.
    [command] = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    assert json.loads(command)[-1] == "{{ cookiecutter.package_name }}"
    assert not re.search("{{|{%|{#", text.replace(command, ""))
    assert PINNED.search(text)


@pytest.mark.proves("II.9")
@pytest.mark.parametrize("name", FILES)
def test_a_bot_can_read_the_images_of_a_compose_file_in_the_template(name: str) -> None:
    services = load((SERVICE / name).read_text("utf-8"))["services"]
    images = [service["image"] for name, service in services.items() if name not in OWN]
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def test_every_service_is_confined(compose: dict[str, Any], logging: dict[str, Any]) -> None:
    assert compose["x-confined"] == logging["x-confined"]
    for name, service in (compose["services"] | logging["services"]).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name
        assert not {"container_name", "privileged", "pid", "ipc", "network_mode"} & set(service)
        ports = [str(port) for port in service.get("ports", [])]
        assert all(port.startswith(LOCAL) for port in ports), name
    assert "ports" not in compose["services"]["web"]
    assert compose["services"]["web"]["networks"] == ["front", "back"]
    assert compose["services"]["redis"]["networks"] == ["back"]
    assert compose["networks"]["back"] == {"internal": True}


def test_the_log_store_is_apart_from_the_service(
    compose: dict[str, Any], logging: dict[str, Any]
) -> None:
    for kind in ("services", "networks", "volumes"):
        assert set(compose[kind]).isdisjoint(logging[kind])
    used = [name for one in logging["services"].values() for name in one["networks"]]
    assert set(used) == set(logging["networks"])


@pytest.mark.proves("IX.4")
def test_the_grace_period_exceeds_the_drain_delay_and_the_graceful_timeout(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    sample = project.read("config/production.env.example")
    [graceful] = re.findall("^# .* Default: (\\S+)\nGRACEFUL_TIMEOUT=", sample, re.M)
    web = compose["services"]["web"]
    needed = seconds(web["environment"]["DRAIN_DELAY"]) + seconds(graceful)
    assert needed + 5 <= seconds(web["stop_grace_period"])


def test_the_drain_delay_exceeds_what_the_balancer_needs_to_notice(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    [inter, fast, fall] = re.findall(
        r"default-server check inter (\S+)s fastinter (\S+)ms .*fall (\S+)",
        project.read("deploy/haproxy/haproxy.cfg"),
    )[0]
    noticed = int(inter) + (int(fall) - 1) * int(fast) / 1000
    assert seconds(compose["services"]["web"]["environment"]["DRAIN_DELAY"]) >= 2 * noticed


def test_the_url_of_the_deploy_replaces_the_url_of_the_redis_beside_it(
    compose: dict[str, Any],
) -> None:
    web = compose["services"]["web"]
    # The file of the deploy comes last, and wins.
    assert [file["path"] for file in web["env_file"]] == [
        "config/redis.env",
        "config/${DEPLOY:-development}.env",
    ]


def test_only_what_is_named_reaches_a_build(project: BakedProject) -> None:
    lines = project.read(".dockerignore").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    files = {"requirements.txt", "gunicorn.conf.py", "healthcheck.py"}
    if project.answers["worker"] == "yes":
        files |= {"requirements-worker.txt", "heartbeat.py"}
    named = {rule[1:] for rule in rules if rule[0] == "!"}
    assert named == {*files, project.answers["package_name"]}


def test_the_collector_of_logs_uses_what_it_defines(project: BakedProject) -> None:
    config = yaml.safe_load(project.read("deploy/logging/collector.yaml"))
    pipeline = config["service"]["pipelines"]["logs"]
    for kind in ("receivers", "exporters"):
        assert set(pipeline[kind]) == set(config[kind])
    assert set(config["service"]["extensions"]) == set(config["extensions"])
