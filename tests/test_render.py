"""The rendered files: exactly those that were chosen, each well formed, and none with a trace of Jinja."""

from __future__ import annotations

from pathlib import Path

import pytest
from baking import MADE, ROOT, SERVICE, BakedProject
from conftest import Bake
from reading import INDEX, LEFTOVER, faults, unreadable

FILES = """
    .dockerignore
    .editorconfig
    .gitignore
    .python-version
    Dockerfile
    LICENSE
    Procfile
    README.md
    bin/dev
    bin/lint
    bin/lock
    bin/setup
    bin/test
    compose.dev.yaml
    compose.yaml
    config/development.env.example
    config/production.env.example
    config/staging.env.example
    deploy/haproxy/haproxy.cfg
    deploy/logging/collector.yaml
    gunicorn.conf.py
    healthcheck.py
    pyproject.toml
    requirements-dev.in
    requirements-dev.txt
    requirements.in
    requirements.txt
    tests/conftest.py
    tests/redis_server.py
    tests/test_app.py
    tests/test_commands.py
    tests/test_healthcheck.py
    tests/test_redis.py
    tests/test_routes.py
    tests/test_server.py
    tests/test_settings.py
    tests/test_visits.py
    {package_name}/__init__.py
    {package_name}/runtime/__init__.py
    {package_name}/runtime/access.py
    {package_name}/runtime/commands.py
    {package_name}/runtime/errors.py
    {package_name}/runtime/health.py
    {package_name}/runtime/logs.py
    {package_name}/runtime/metrics.py
    {package_name}/runtime/redis.py
    {package_name}/runtime/requests.py
    {package_name}/runtime/security.py
    {package_name}/runtime/settings.py
    {package_name}/runtime/values.py
    {package_name}/runtime/version.py
    {package_name}/runtime/worker.py
    {package_name}/static/style.css
    {package_name}/templates/base.html
    {package_name}/templates/error.html
    {package_name}/visits/__init__.py
    {package_name}/visits/commands.py
    {package_name}/visits/counter.py
    {package_name}/visits/routes.py
    {package_name}/visits/templates/visits/welcome.html
"""
ANSWERS = [
    pytest.param({}, id="the defaults"),
    *(pytest.param({"license": name}, id=name) for name in ("Apache-2.0", "BSD-3-Clause", "none")),
    pytest.param({"python_version": "3.13"}, id="the older Python"),
    pytest.param({"package_name": "zoo", "project_slug": "aquarium"}, id="other names"),
    pytest.param({"package_name": "a", "project_slug": "a"}, id="the shortest names"),
    pytest.param({"package_name": "p" * 40, "project_slug": "s" * 40}, id="the longest names"),
    pytest.param(
        dict.fromkeys(("project_name", "description", "author_name"), "`<b>` \\ \"& ' { % }"),
        id="punctuation",
    ),
]


@pytest.fixture(params=ANSWERS)
def project(request: pytest.FixtureRequest, bake: Bake) -> BakedProject:
    """Return the project of one set of answers."""
    return bake(**({"project_slug": "shop"} | request.param))


def test_the_files_are_those_that_were_chosen_and_no_other(project: BakedProject) -> None:
    expected = set(FILES.format(**project.answers).split())
    if project.answers["license"] == "none":
        expected.remove("LICENSE")
    assert set(project.files()) == expected


def test_the_scripts_are_executable_and_nothing_else_is(project: BakedProject) -> None:
    bits = {name: path.stat().st_mode & 0o111 for name, path in project.files().items()}
    assert bits == {name: 0o111 if name.startswith("bin/") else 0 for name in bits}


def test_every_file_is_well_formed_without_traces_and_scars(project: BakedProject) -> None:
    found = {name: faults(name, path) for name, path in project.files().items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_no_folder_is_left_empty(project: BakedProject) -> None:
    folders = [path for path in project.path.rglob("*") if path.is_dir()]
    assert [folder for folder in folders if not any(folder.iterdir())] == []
    assert [path for path in project.path.rglob("*") if path.is_symlink()] == []


# The template before it is rendered


@pytest.mark.parametrize(
    "path",
    sorted({*ROOT.glob("requirements*"), *SERVICE.glob("requirements*")}),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_a_dependency_file_can_be_read_by_a_bot_as_it_is(path: Path) -> None:
    # The folder of the service is called as it is.
    text = path.read_text("utf-8").replace(f"{SERVICE.name}/", "")
    assert LEFTOVER.findall(text) == []
    assert unreadable(path.name, text) == []


def repository() -> list[Path]:
    """Return every file of the repository, but not what tools made."""
    paths = [path for path in ROOT.rglob("*") if path.is_file()]
    made = {path: {".git", *filter(MADE.fullmatch, path.parts)} for path in paths}
    return [path for path in paths if not made[path] & set(path.relative_to(ROOT).parts)]


def test_no_file_names_the_address_of_a_package_index() -> None:
    texts = {path: path.read_text("utf-8", errors="replace") for path in repository()}
    assert [path for path, text in texts.items() if INDEX.search(text)] == []
    assert ROOT / "cookiecutter.json" in texts
