"""Fixtures that build images and run compose projects."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.containers.stack import Stack
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.support.image import Image
from tests.support.service import free_port


@pytest.fixture(scope="session")
def build(
    prepare: Bake, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Image]]:
    """Return a function that builds the image of a project once per set of answers."""
    images: dict[Path, Image] = {}

    def build(**answers: str) -> Image:
        original = prepare(**answers)
        if original.path not in images:
            project = original.copy_to(tmp_path_factory.mktemp("committed"))
            images[original.path] = Image.build(project)
        return images[original.path]

    yield build
    for image in images.values():
        image.remove()


@pytest.fixture(scope="session")
def image(build: Callable[..., Image]) -> Image:
    """Build the image of a service with a worker; tests/ci builds those of the default service."""
    return build(worker="yes")


@pytest.fixture(scope="session")
def start_stack(build: Callable[..., Image]) -> Iterator[Callable[..., Stack]]:
    """Return a function that runs a compose project; all are removed at the end."""
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
    """Run the compose project of a service with a worker."""
    return start_stack(worker="yes")


@pytest.fixture
def stack(whole_stack: Stack) -> Stack:
    """Return the stack, restored to one healthy instance."""
    whole_stack.restore()
    return whole_stack
