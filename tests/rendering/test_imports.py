"""The import graph of the package has no cycle and points one way, and modules are small."""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

MAX_LINES = 120
# Room of runtime/ -> the rooms that it may import from. A module at the top of runtime/ is a room.
ROOMS: dict[str, set[str]] = {
    "server": {"telemetry", "lifecycle"},
    "telemetry": {"web", "settings", "version"},
    "web": {"backing", "settings", "version", "lifecycle"},
    "backing": {"settings", "group_url"},
    "cli": {"backing", "settings", "version"},
    "startup": {"telemetry", "settings"},
    "settings": {"parsers", "urls"},
    "urls": {"parsers", "group_url"},
    "group_url": set(),
    "parsers": set(),
    "host": set(),
    "version": set(),
    "lifecycle": set(),
}
# Names of the libraries that runtime/ wraps
LIBRARIES = {"click", "flask", "gunicorn", "hiredis", "prometheus_client", "redis", "werkzeug"}


def find_modules(package: Path) -> dict[str, Path]:
    """Return the modules of a package by their dotted names below it; its own name is empty."""
    paths = {path.relative_to(package).with_suffix(""): path for path in package.rglob("*.py")}
    return {
        ".".join(part for part in name.parts if part != "__init__"): path
        for name, path in paths.items()
    }


def find_imports(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a module imports, also inside functions."""
    here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found, absolute = set(), set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            absolute |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            absolute.add(str(node.module))
        elif isinstance(node, ast.ImportFrom):
            parent = [part for part in here if part][: len(here) - node.level + 1]
            base = ".".join([*parent, *filter(None, [node.module])])
            names = {f"{base}.{alias.name}".strip(".") for alias in node.names}
            found |= {one if one in known else base for one in names}
    package = known[""].parent.name
    assert not [one for one in absolute if one.split(".")[0] == package], f"{name}: not relative"
    return found - {name}


@pytest.fixture(scope="module")
def project(bake: Bake) -> BakedProject:
    """Return the default project."""
    return bake()


@pytest.fixture(scope="module")
def package(project: BakedProject) -> Path:
    """Return the folder of the package."""
    return project.path / project.answers["package_name"]


@pytest.fixture(scope="module")
def graph(package: Path) -> dict[str, set[str]]:
    """Return the import graph: each module with the modules that it imports."""
    known = find_modules(package)
    return {name: find_imports(name, path, known) for name, path in known.items()}


def test_the_graph_has_every_module_and_no_cycle(graph: dict[str, set[str]]) -> None:
    assert {"", "visits.counter", "runtime.backing.client"} <= graph.keys()
    assert "runtime.backing.client" in graph["visits.counter"]
    TopologicalSorter(graph).prepare()


def test_a_cycle_is_found(graph: dict[str, set[str]]) -> None:
    cyclic = {**graph, "runtime.settings": {"runtime.web.probes"}}
    with pytest.raises(CycleError):
        TopologicalSorter(cyclic).prepare()


def test_no_module_of_the_runtime_imports_a_feature(graph: dict[str, set[str]]) -> None:
    runtime = {name: used for name, used in graph.items() if name.startswith("runtime")}
    outside = {
        name: {one for one in used if not one.startswith("runtime")}
        for name, used in runtime.items()
    }
    assert {name: used for name, used in outside.items() if used} == {}


def room(module: str) -> str:
    """Return the room of a module of runtime/."""
    return [*module.split("."), ""][1]


def test_the_rooms_import_one_way(graph: dict[str, set[str]]) -> None:
    arrows = {
        (room(name), room(used))
        for name in graph
        if name.startswith("runtime.")
        for used in graph[name]
    }
    assert {one for one, _ in arrows} | {one for _, one in arrows} <= ROOMS.keys()
    allowed = {(one, other) for one, others in ROOMS.items() for other in others}
    assert {(one, other) for one, other in arrows if one != other} - allowed == set()
    TopologicalSorter(ROOMS).prepare()


def test_no_module_has_more_than_120_lines(package: Path) -> None:
    lengths = {
        name: len(path.read_text("utf-8").splitlines())
        for name, path in find_modules(package).items()
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}
    server = sum(lines for name, lines in lengths.items() if name.startswith("runtime.server"))
    assert server <= 248


def test_no_module_is_named_like_a_library(package: Path) -> None:
    names = {name.rpartition(".")[2] for name in find_modules(package)} - {"", "__main__"}
    assert names & (LIBRARIES | sys.stdlib_module_names) == set()
