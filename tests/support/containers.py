"""The container engine: run, inspect and stop containers."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.environment import environment

ENGINE = os.environ.get("CONTAINER_ENGINE", "docker")
CONFINED = shlex.split("--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges")


def engine(*words: str, status: int | None = 0, cwd: Path | None = None, **extra: Any) -> str:
    """Run a command of the engine, and return its output; raises AssertionError at another status."""
    assert shutil.which(ENGINE), f"{ENGINE}: not installed; set CONTAINER_ENGINE"
    result = subprocess.run(
        [ENGINE, *words],
        cwd=cwd,
        env=environment(**extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    report = f"{ENGINE} {' '.join(words)} ended with {result.returncode}\n{result.stdout[-8000:]}"
    assert status is None or result.returncode == status, report
    return result.stdout.strip()


def inspect(name: str) -> Any:
    """Return the description of an image or a container."""
    return json.loads(engine("inspect", name))[0]


@contextmanager
def run_container(image: str, *options: str, command: Sequence[str] = ()) -> Iterator[str]:
    """Run a container with the limits of compose.yaml, and remove it."""
    name = engine("run", "--detach", *CONFINED, *options, image, *command).splitlines()[-1]
    try:
        yield name
    finally:
        engine("rm", "--force", "--volumes", name)


def is_healthy(container: str) -> bool:
    """Return True if the healthcheck of a container succeeded."""
    return bool(inspect(container)["State"]["Health"]["Status"] == "healthy")


def parse_time(text: str) -> datetime:
    """Return a time of the engine or of an event, to the millisecond."""
    return datetime.fromisoformat(text[:23].rstrip("Z") + "+00:00")


def measure_least(measure: Callable[[], float], limit: float, times: int = 3) -> float:
    """Return the least of at most three measurements (seconds), or the first below the limit.

    Other load on the machine can only increase a measurement.
    """
    measured: list[float] = []
    while len(measured) < times and not (measured and measured[-1] < limit):
        measured.append(measure())
    return min(measured)


def stop_container(container: str) -> float:
    """Stop a container, and return the seconds until its processes ended."""
    started = datetime.now(UTC)
    engine("stop", container)
    return (parse_time(inspect(container)["State"]["FinishedAt"]) - started).total_seconds()
