"""The image of a commit: its content, its metadata, and the limits within which it runs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.markers import Marker
from pre_gen_project import CHOICES

from tests.support.containers import engine, inspect, measure_least, parse_time, run_container
from tests.support.fixtures import Tally
from tests.support.image import Image
from tests.support.service import eventually

pytestmark = [pytest.mark.containers, pytest.mark.xdist_group("containers")]

PYTHONS = pytest.mark.parametrize("python_version", CHOICES["python_version"])
# The first image has a worker, the other has none.
WORKERS = dict(zip(CHOICES["python_version"], ("yes", "no"), strict=True))
SETTINGS = {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "k" * 48}
REQUIRED = [word for item in SETTINGS.items() for word in ("--env", "=".join(item))]
TOOLS = "apt-key cc c++ curl gcc git ld make pip pip3 uv wget"
PACKAGES = (
    "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()))"
)
# Prints each module without byte code; a service never imports the three excluded packages.
UNCOMPILED = """
import importlib.util, pathlib, sysconfig
for folder in ("/app", "/venv", sysconfig.get_path("stdlib")):
    for path in pathlib.Path(folder).rglob("*.py"):
        if not {"idlelib", "tkinter", "turtledemo"} & set(path.parts):
            if not pathlib.Path(importlib.util.cache_from_source(path)).exists():
                print(path)
"""
GET = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000{}').read().decode())"


def fetch(container: str, path: str) -> str:
    """Return the response to a request from inside a container."""
    return engine("exec", container, "python", "-c", GET.format(path))


def is_alive(container: str) -> bool:
    """Return True if /livez answers inside a container."""
    output = engine("exec", container, "python", "-c", GET.format("/livez"), status=None)
    return output == '{"status":"alive"}'


def list_locked(image: Image) -> set[str]:
    """Return the locked packages for the Python of the image."""
    version, platform = image.shell(
        "python -c 'import sys; print(*sys.version_info[:2], sep=\".\")'; uname -s"
    ).split()
    given = {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "sys_platform": platform.lower(),
        "platform_system": platform,
    }
    locks = re.findall(r"^!(requirements.*)$", image.project.read(".dockerignore"), re.M)
    text = "".join(map(image.project.read, locks))
    lines = re.findall(r"^([\w.-]+==[^\s;]+)(?: ; (.*?))? \\$", text, re.M)
    return {pin for pin, marker in lines if not marker or Marker(marker).evaluate(given)}


@pytest.mark.proves("I.4")
def test_the_image_names_its_commit(image: Image) -> None:
    labels = inspect(image.name)["Config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == image.revision
    assert labels["org.opencontainers.image.source"] == "https://git.example/service"
    assert labels["org.opencontainers.image.created"].endswith("+00:00")
    with run_container(image.name, *REQUIRED) as container:
        eventually(lambda: is_alive(container), 20, lambda: engine("logs", container))
        assert json.loads(fetch(container, "/version"))["commit"] == image.revision


@pytest.mark.proves("I.5", "II.6", "III.1")
@PYTHONS
def test_the_image_contains_only_python_the_locked_packages_and_the_code(
    python_version: str, build: Callable[..., Image], tally: Tally
) -> None:
    image = build(python_version=python_version, worker=WORKERS[python_version])
    package = image.project.answers["package_name"]
    found = image.shell("find /app /venv/bin ! -name '*.pyc' ! -type d; ls -d /*").split()
    app = {name.removeprefix("/app/") for name in found if name.startswith("/app/")}
    code = {name for name in image.project.files() if name.startswith(f"{package}/")}
    heartbeat = {name for name in image.project.files() if name == "heartbeat.py"}
    assert app == code | heartbeat | {"REVISION", "gunicorn.conf.py", "healthcheck.py"}
    assert set(
        image.shell(f'python -c "{PACKAGES}"').lower().replace("_", "-").split()
    ) == list_locked(image)
    tally(f"files of the code in the image, Python {python_version}", len(app))


@pytest.mark.proves("II.5")
def test_the_image_contains_no_tools(image: Image) -> None:
    assert image.shell(f"for tool in {TOOLS}; do command -v $tool; done; true") == ""
    for module in ("pip", "ensurepip", "setuptools"):
        assert "No module named" in image.shell(f"/usr/local/bin/python -m {module}", status=1)


@pytest.mark.proves("III.1")
def test_no_layer_contains_a_secret_or_a_configuration_file(image: Image, tmp_path: Path) -> None:
    secret = re.findall(
        "(?:SECRET_KEY=|redis://:)([^@\n]{32,})",
        image.project.read("config/development.env") + image.project.read("config/redis.env"),
    )
    assert len(secret) == 2
    archive = tmp_path / "image.tar"
    engine("save", "--output", str(archive), image.name)
    content = archive.read_bytes()
    assert b"create_app" in content  # layers are not compressed
    assert [
        text for text in (*secret, ".env.example", ".git/HEAD") if text.encode() in content
    ] == []
    assert engine("history", "--no-trunc", image.name).count("SECRET") == 0


@pytest.mark.proves("V.2")
def test_the_image_contains_no_configuration_and_no_release_id(image: Image) -> None:
    config = inspect(image.name)["Config"]
    assert {entry.partition("=")[0] for entry in config["Env"]} <= {
        "PATH",
        "LANG",
        "PYTHON_VERSION",
        "PYTHON_SHA256",
        "GPG_KEY",
    }
    assert not any("release" in label for label in config["Labels"])


@pytest.mark.proves("VII.2", "VIII.4")
def test_the_image_runs_gunicorn_as_pid_1_and_as_nobody(image: Image) -> None:
    config = inspect(image.name)["Config"]
    command = shlex.split(re.findall("^web: (.*)$", image.project.read("Procfile"), re.M)[0])
    assert (config["Entrypoint"], config["Cmd"]) == (None, command)
    assert re.fullmatch(r"\d+:\d+", config["User"])
    with run_container(image.name, *REQUIRED) as container:
        eventually(lambda: is_alive(container), 20, lambda: engine("logs", container))
        first = engine("exec", container, "cat", "/proc/1/cmdline").split("\0")
        assert first[1:-1] == command[1:]
        status = engine("exec", container, "cat", "/proc/1/status")
        assert re.search(r"^CapBnd:\t0+$", status, re.M)
        assert re.search(r"^Uid:\t10001\t", status, re.M)


@pytest.mark.proves("V.8", "IX.1")
@PYTHONS
def test_the_image_starts_on_a_read_only_root_without_a_network(
    python_version: str, build: Callable[..., Image], tally: Tally
) -> None:
    image = build(python_version=python_version, worker=WORKERS[python_version])

    def measure() -> float:
        with run_container(image.name, "--network", "none", *REQUIRED) as container:
            eventually(lambda: is_alive(container), 20, lambda: engine("logs", container))
            assert engine("diff", container) == ""
            events = [json.loads(line) for line in engine("logs", container).splitlines()]
            [booted] = [one for one in events if one["message"].startswith("Booting")][:1]
            started = parse_time(inspect(container)["State"]["StartedAt"])
            return (parse_time(booted["timestamp"]) - started).total_seconds()

    seconds = measure_least(measure, limit=3)
    assert seconds < 3
    tally(
        f"ms from the start of the container to that of a worker, Python {python_version}",
        round(seconds * 1000),
    )


@PYTHONS
def test_every_module_of_it_has_byte_code(python_version: str, build: Callable[..., Image]) -> None:
    image = build(python_version=python_version, worker=WORKERS[python_version])
    assert image.shell(f"python -c '{UNCOMPILED}'") == ""


@pytest.mark.proves("III.5")
def test_the_same_image_follows_another_configuration(image: Image) -> None:
    for prefix in ("one:", "two:"):
        given = [*REQUIRED, "--env", f"KEY_PREFIX={prefix}"]
        command = f"flask --app {image.project.answers['package_name']} config"
        assert f"KEY_PREFIX={prefix}\n" in image.shell(command, *given)


@pytest.mark.proves("III.9")
def test_the_image_reads_no_env_file(image: Image, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KEY_PREFIX=wrong:\n")
    given = [
        *REQUIRED,
        "--volume",
        f"{tmp_path}/.env:/app/.env:ro",
        "--volume",
        f"{tmp_path}/.env:/app/.flaskenv:ro",
    ]
    assert "wrong" not in image.shell(
        f"flask --app {image.project.answers['package_name']} config", *given
    )


def test_two_builds_of_a_commit_have_the_same_layers(image: Image) -> None:
    name = f"{image.name}-again"
    try:
        image.build_as(name, "--no-cache")
        layers = [inspect(one)["RootFS"]["Layers"][-3:] for one in (image.name, name)]
        assert layers[0] == layers[1]
        assert inspect(name)["Created"] == inspect(image.name)["Created"]
    finally:
        engine("image", "rm", "--force", name, status=None)
