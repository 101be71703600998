"""Fixtures of the gate: real instances of the service, a real Redis, and the report."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.factors import report
from tests.factors.report import (  # noqa: F401  # read by pytest
    pytest_itemcollected,
    pytest_runtest_makereport,
    pytest_terminal_summary,
)
from tests.factors.support import service_file
from tests.factors.support.admin import find_settings_without_value
from tests.factors.support.assertions import IDS
from tests.factors.support.attached import AttachedService, attach_declared
from tests.factors.support.backing import Backing
from tests.factors.support.instance import Instance
from tests.factors.support.leftovers import check_nothing_is_left
from tests.factors.support.releases import Team, create_team
from tests.support.service import ROOT
from tests.support.settings import REQUIRED


@pytest.fixture
def backing(tmp_path: Path) -> Iterator[Backing]:
    """Run a real Redis for one test."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Backing(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, AttachedService]]:
    """Run the backing services of service.toml, by name."""
    with attach_declared(tmp_path_factory.mktemp("attached")) as services:
        yield services


@pytest.fixture
def required_settings(backing: Backing, declared: dict[str, AttachedService]) -> dict[str, str]:
    """Return the settings without a default, with the URLs of running backing services."""
    services = service_file.read("backing_services")
    urls = {one.setting: declared[name].url for name, one in services.items()}
    return {**REQUIRED, "REDIS_URL": backing.url, **urls}


@pytest.fixture
def start(required_settings: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Instance]]:
    """Return a function that starts an instance; all instances are killed after the test."""
    services: list[Instance] = []

    def start(
        alive: bool = True,
        cwd: Path = ROOT,
        command: Sequence[str] | None = None,
        **environ: str,
    ) -> Instance:
        log = tmp_path / f"instance-{len(services)}.log"
        variables = {**required_settings, "TMPDIR": str(tmp_path), **environ}
        services.append(Instance(variables, log, cwd, command))
        if alive:
            services[-1].wait_until_alive()
        return services[-1]

    yield start
    for service in services:
        service.kill()
    check_nothing_is_left(services)


@pytest.fixture
def develop(start: Callable[..., Instance]) -> Iterator[Callable[[Path], Instance]]:
    """Return a function that runs bin/dev, whose processes kill() would leave, until the test ends."""
    running: list[Instance] = []

    def develop(folder: Path) -> Instance:
        running.append(start(cwd=folder, command=["bin/dev"]))
        return running[-1]

    yield develop
    for dev in running:
        dev.stop()


@pytest.fixture
def service(start: Callable[..., Instance]) -> Instance:
    """Run one instance with only the required settings."""
    return start()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Return a team that builds, releases and runs the service with a fake container engine."""
    return create_team(tmp_path)


@pytest.fixture
def evidence(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Return a function that adds a measurement to the report, such as `ready after 0.41 s`."""
    return lambda figure: record_property(report.EVIDENCE, figure)


def pytest_configure(config: pytest.Config) -> None:
    """Register each id as a marker, so that `-m IX.5` selects the tests of an assertion."""
    for one in IDS:
        config.addinivalue_line("markers", f"{one}: select the tests of an assertion")


def pytest_sessionstart() -> None:
    """Check what the service says of itself; raises UsageError."""
    service_file.check()
    for name in find_settings_without_value():
        remedy = f'add {name} = "…" to its table [settings]'
        raise pytest.UsageError(f"{service_file.NAME}: no value for {name}; {remedy}")
