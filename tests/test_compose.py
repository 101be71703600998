"""What the Dockerfile and the compose files say, as far as no engine is needed to read it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # has no types
from baking import SERVICE, BakedProject
from conftest import Bake

PINNED = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*@sha256:[0-9a-f]{64}")
OWN = {"web"}


@pytest.fixture
def project(bake: Bake) -> BakedProject:
    """Return the default project."""
    return bake()


@pytest.fixture
def compose(project: BakedProject) -> dict[str, Any]:
    """Return its compose file."""
    found: dict[str, Any] = yaml.safe_load(project.read("compose.yaml"))
    return found


def test_I_1_there_is_one_dockerfile_and_one_project_name(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    assert [name for name in project.files() if "Dockerfile" in name] == ["Dockerfile"]
    assert compose["name"] == project.answers["project_slug"]
    assert [name for name, service in compose["services"].items() if "build" in service] == ["web"]


def test_II_7_II_8_every_image_is_pinned_by_tag_and_digest(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    services = compose["services"]
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


@pytest.mark.parametrize("name", ["Dockerfile", "Dockerfile-3.13"])
def test_II_9_a_bot_can_read_the_dockerfile_in_the_template(name: str) -> None:
    text = (SERVICE / name).read_text("utf-8")
    # Jinja is in a string of the command only, so this is a Dockerfile before it is rendered.
    [command] = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
    assert json.loads(command)[-1] == "{{ cookiecutter.package_name }}"
    assert not re.search("{{|{%|{#", text.replace(command, ""))
    assert PINNED.search(text)


def test_II_9_a_bot_can_read_the_images_of_the_compose_file_in_the_template() -> None:
    services = yaml.safe_load((SERVICE / "compose.yaml").read_text("utf-8"))["services"]
    images = [service["image"] for name, service in services.items() if name not in OWN]
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def test_every_service_is_confined(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name
        assert not {"container_name", "privileged", "pid", "ipc", "network_mode"} & set(service)
        ports = [str(port) for port in service.get("ports", [])]
        assert all(port.startswith("127.0.0.1:") for port in ports), name
    assert "ports" not in compose["services"]["web"]
    assert compose["services"]["web"]["networks"] == ["front", "back"]
    assert compose["services"]["redis"]["networks"] == ["back"]
    assert compose["networks"]["back"] == {"internal": True}


def test_IX_4_a_stop_is_given_more_time_than_it_takes(
    project: BakedProject, compose: dict[str, Any]
) -> None:
    [default] = re.findall(
        "a stopping process .* Default: (\\d+)s", project.read("config/production.env.example")
    )
    assert int(default) + 5 <= int(compose["services"]["web"]["stop_grace_period"].rstrip("s"))


def test_only_what_is_named_reaches_a_build(project: BakedProject) -> None:
    lines = project.read(".dockerignore").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    package = project.answers["package_name"]
    assert {rule[1:] for rule in rules if rule[0] == "!"} == {
        *("requirements.txt", "gunicorn.conf.py", "healthcheck.py", package)
    }


def test_the_collector_of_logs_uses_what_it_defines(project: BakedProject) -> None:
    config = yaml.safe_load(project.read("deploy/logging/collector.yaml"))
    pipeline = config["service"]["pipelines"]["logs"]
    for kind in ("receivers", "exporters"):
        assert set(pipeline[kind]) == set(config[kind])
    assert set(config["service"]["extensions"]) == set(config["extensions"])
