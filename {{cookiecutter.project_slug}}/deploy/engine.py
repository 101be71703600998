"""Command lines of the container engine (docker, buildx, compose), and the function that runs them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from deploy.process import Result, run
from deploy.refusal import NO_ENGINE, Refusal

PACKAGE = "{{ cookiecutter.package_name }}"
NAME = os.environ.get("CONTAINER_ENGINE") or "docker"
COMPOSE_LABEL = "com.docker.compose"
TMP = "/tmp"  # noqa: S108 (in the container)
OPEN, CLOSE = "{" * 2, "}" * 2  # of a Go template


def build(source: Path, tag: str, arguments: Mapping[str, str], *options: str) -> list[str]:
    """Return the command that builds an image from a folder."""
    given = [word for item in arguments.items() for word in ("--build-arg", "=".join(item))]
    return ["buildx", "build", "--tag", tag, *given, *options, str(source)]


def check_settings(image: str, env_file: Path) -> list[str]:
    """Return the command with which the service checks a configuration, without a network."""
    confined = ["--network", "none", "--read-only", "--tmpfs", TMP, "--cap-drop", "ALL"]
    settings = ["--env-file", str(env_file), "--env", "RELEASE=check"]
    return ["run", "--rm", *confined, *settings, image, "flask", "--app", PACKAGE, "config"]


def list_instances(project: str = "") -> list[str]:
    """Return the command that lists the instances of a compose project, or of all.

    An instance is a container with the label "release", except those of one-off commands.
    """
    labels = ["release", f"{COMPOSE_LABEL}.oneoff=False"]
    labels += [f"{COMPOSE_LABEL}.project={project}"] if project else []
    filters = [word for label in labels for word in ("--filter", f"label={label}")]
    names = ("deploy", "release", f"{COMPOSE_LABEL}.project", f"{COMPOSE_LABEL}.service")
    fields = [".ID", *(f'.Label "{name}"' for name in names), ".State", ".Status"]
    form = "\t".join(f"{OPEN}{field}{CLOSE}" for field in fields)
    return ["ps", "--all", "--no-trunc", *filters, "--format", form]


def compose(project: str, folder: Path, *words: str) -> list[str]:
    """Return a compose command on the files of a release."""
    place = ["--project-directory", str(folder), "--file", str(folder / "compose.yaml")]
    return ["compose", "--project-name", project, *place, *words]


def up(services: Iterable[str], scale: Mapping[str, int]) -> list[str]:
    """Return the words of compose that start services, and leave what runs as it is."""
    numbers = [word for name in scale for word in ("--scale", f"{name}={scale[name]}")]
    return ["up", "--detach", "--no-build", "--no-recreate", "--no-deps", *numbers, *services]


def call(words: list[str], environ: Mapping[str, str] | None = None, **options: Any) -> Result:
    """Run a command of the engine with further environment variables, and return its result."""
    # COMPOSE_PROFILES, for example, would change which services compose starts.
    own = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    return run([NAME, *words], env={**own, **(environ or {})}, **options)


def require(*plugins: str) -> None:
    """Refuse unless the engine answers and has the plugins."""
    for words in (["version"], *([plugin, "version"] for plugin in plugins)):
        if call(words, stderr=DEVNULL).status:
            problem = "does not answer" if words == ["version"] else f"has no {words[0]}"
            remedy = f"run {NAME} {' '.join(words)}, or set CONTAINER_ENGINE"
            raise Refusal(NO_ENGINE, f"container engine {NAME} {problem}", remedy)
