"""The package deploy/ of a service: its size, its oldest Python, and the command lines that it builds."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake, Tally

MAX_LINES, MAX_MODULE_LINES, MAX_FUNCTION_LINES = 1500, 120, 30
OLDEST_PYTHON = "3.9"
IMAGE, FOLDER = "ghcr.io/example/shop@sha256:0123", Path("/state/v1")
TMP = "/tmp"  # noqa: S108
COMPOSE = ["compose", "--project-name", "shop-staging", "--project-directory", "/state/v1"]
COMPOSE += ["--file", "/state/v1/compose.yaml"]
UP = ["up", "--detach", "--no-build", "--no-recreate", "--no-deps"]


@pytest.fixture
def project(bake: Bake) -> BakedProject:
    """Return a service named shop."""
    return bake(project_slug="shop", package_name="shop")


@pytest.fixture
def engine(project: BakedProject, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return the module with the commands of the engine."""
    monkeypatch.syspath_prepend(str(project.path))
    yield importlib.import_module("deploy.engine")
    for name in [name for name in sys.modules if name.partition(".")[0] == "deploy"]:
        del sys.modules[name]


def test_modules_and_functions_are_small(project: BakedProject, tally: Tally) -> None:
    modules = sorted((project.path / "deploy").glob("*.py"))
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in modules}
    functions = {
        f"{path.name}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    longest = max(functions, key=lambda name: functions[name])
    tally("lines of deploy/", sum(lines.values()))
    tally(f"lines of the longest function in deploy/, {longest}", functions[longest])
    assert max(lines.values()) <= MAX_MODULE_LINES
    assert functions[longest] <= MAX_FUNCTION_LINES
    assert sum(lines.values()) <= MAX_LINES


def test_an_old_host_has_all_that_the_package_uses(project: BakedProject) -> None:
    vermin = str(Path(sys.executable).with_name("vermin"))
    # Annotations are not evaluated, so they may use the syntax of later versions.
    words = ("--no-eval-annotations", "--violations", f"--target={OLDEST_PYTHON}-", "deploy")
    assert f"Minimum required versions: {OLDEST_PYTHON}" in project.run(vermin, *words).stdout


def test_only_the_standard_library_is_imported(project: BakedProject) -> None:
    imported = {
        name.partition(".")[0]
        for path in (project.path / "deploy").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - {"deploy", "__future__"} <= sys.stdlib_module_names
    assert "deploy" in imported


def test_the_command_that_builds(engine: ModuleType) -> None:
    words = engine.build(Path("/source"), "shop:sha-1", {"A": "1", "B": "2"}, "--load", "--pull")
    assert words == [
        *["buildx", "build", "--tag", "shop:sha-1", "--build-arg", "A=1", "--build-arg", "B=2"],
        *["--load", "--pull", "/source"],
    ]


def test_the_command_that_checks_a_configuration_is_confined(engine: ModuleType) -> None:
    assert engine.check_settings(IMAGE, Path("/config.env")) == [
        *["run", "--rm", "--network", "none", "--read-only", "--tmpfs", TMP],
        *["--cap-drop", "ALL", "--env-file", "/config.env", "--env", "RELEASE=check"],
        *[IMAGE, "flask", "--app", "shop", "config"],
    ]


@pytest.mark.parametrize("project_name", ["", "shop-staging"])
def test_the_command_that_lists_instances(project_name: str, engine: ModuleType) -> None:
    words = engine.list_instances(project_name)
    filters = [words[place + 1] for place, word in enumerate(words) if word == "--filter"]
    own = ["label=com.docker.compose.project=shop-staging"] if project_name else []
    assert words[:3] == ["ps", "--all", "--no-trunc"]
    assert filters == ["label=release", "label=com.docker.compose.oneoff=False", *own]
    assert words[-1].split("\t")[:2] == ["{{.ID}}", '{{.Label "deploy"}}']


def test_variables_of_compose_change_no_command(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "NAME", "env")
    for name in ("COMPOSE_PROFILES", "COMPOSE_REMOVE_ORPHANS", "DOCKER_HOST"):
        monkeypatch.setenv(name, "other")
    given = engine.call([], {"RELEASE": "v1"}).output().splitlines()
    assert {"RELEASE=v1", "DOCKER_HOST=other"} <= set(given)
    assert not [line for line in given if line.startswith("COMPOSE_")]


@pytest.mark.parametrize(
    ("services", "scale", "words"),
    [
        pytest.param(["redis"], {}, [*UP, "redis"], id="a backing service"),
        pytest.param(
            ["web", "worker"],
            {"web": 3, "worker": 1},
            [*UP, "--scale", "web=3", "--scale", "worker=1", "web", "worker"],
            id="two process types",
        ),
    ],
)
def test_the_command_that_starts_services(
    services: list[str], scale: dict[str, int], words: list[str], engine: ModuleType
) -> None:
    assert engine.compose("shop-staging", FOLDER, *engine.up(services, scale)) == COMPOSE + words
