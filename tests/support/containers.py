"""A container engine, images and compose projects, as the tests use them; nothing of a test is left behind."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tests.support.baking import BakedProject
from tests.support.environment import environment
from tests.support.service import eventually, get

ENGINE = os.environ.get("CONTAINER_ENGINE", "docker")
CONFINED = shlex.split("--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges")


def engine(*words: str, status: int | None = 0, cwd: Path | None = None, **extra: Any) -> str:
    """Run a command of the engine and return what it printed; raises AssertionError at another status."""
    assert shutil.which(ENGINE), f"these tests need a container engine, and there is no {ENGINE}"
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
    said = f"{ENGINE} {' '.join(words)} ended with {result.returncode}\n{result.stdout[-8000:]}"
    assert status is None or result.returncode == status, said
    return result.stdout.strip()


def inspect(name: str) -> Any:
    """Return what the engine knows of an image or a container."""
    return json.loads(engine("inspect", name))[0]


@contextmanager
def running(image: str, *options: str, command: Sequence[str] = ()) -> Iterator[str]:
    """Run a container, confined as in compose.yaml, and remove it."""
    name = engine("run", "--detach", *CONFINED, *options, image, *command).splitlines()[-1]
    try:
        yield name
    finally:
        engine("rm", "--force", "--volumes", name)


def is_healthy(container: str) -> bool:
    """Tell whether a container's own check says so."""
    return bool(inspect(container)["State"]["Health"]["Status"] == "healthy")


@dataclass(frozen=True)
class Image:
    """The image of a project, built from a commit as compose builds it."""

    project: BakedProject
    name: str
    revision: str
    epoch: str

    @classmethod
    def build(cls, project: BakedProject) -> Image:
        """Commit the project, and build its image."""
        person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        # What is slow on a busy machine is not gone.
        config = project.read("config/development.env")
        project.write(
            "config/development.env", config.replace("REDIS_TIMEOUT=\n", "REDIS_TIMEOUT=5s\n")
        )
        project.run("git", "init", "--quiet")
        project.run("git", "add", ".")
        project.run("git", *person, "commit", "--quiet", "--message", "Begin")
        revision, epoch = project.run("git", "log", "-1", "--format=%H %ct").stdout.split()
        name = f"test/{project.answers['project_slug']}:{secrets.token_hex(4)}"
        image = cls(project, name, revision, epoch)
        image.build_as(name)
        return image

    def build_as(self, name: str, *options: str) -> None:
        """Build an image of the same commit under another name."""
        labels: dict[str, Any] = {
            "REVISION": self.revision,
            "SOURCE": "https://git.example/service",
            "CREATED": datetime.fromtimestamp(int(self.epoch), UTC).isoformat(),
            "SOURCE_DATE_EPOCH": self.epoch,
        }
        engine("compose", "build", *options, "web", cwd=self.project.path, IMAGE=name, **labels)

    def shell(self, script: str, *options: str, status: int | None = 0) -> str:
        """Run a script of the shell in a container of its own, and return what it printed."""
        return engine(
            "run", "--rm", *CONFINED, *options, self.name, "sh", "-c", script, status=status
        )

    def remove(self) -> None:
        """Remove the image."""
        engine("image", "rm", "--force", self.name)


@dataclass
class Stack:
    """The compose project of a service under a name of its own."""

    project: BakedProject
    name: str
    environ: dict[str, str]
    files: tuple[str, ...] = ()

    def compose(self, *words: str, status: int | None = 0, **extra: Any) -> str:
        """Run a command of compose and return what it printed."""
        given: dict[str, Any] = {**self.environ, **extra}
        chosen = [word for file in self.files for word in ("-f", file)]
        return engine(
            *["compose", "-p", self.name, *chosen, *words],
            status=status,
            cwd=self.project.path,
            **given,
        )

    def config(self, *words: str, **extra: Any) -> dict[str, Any]:
        """Return the services as compose understands them."""
        found = json.loads(self.compose(*words, "config", "--format", "json", **extra))
        services: dict[str, Any] = found["services"]
        return services

    def up(self, *words: str, **extra: Any) -> None:
        """Start what is not running, and wait until all of it is healthy."""
        self.compose("up", "--detach", "--wait", "--wait-timeout", "60", *words, **extra)

    def mend(self) -> None:
        """Have one instance of each service, and wait until all are healthy; one may just not be."""
        self.compose("up", "--detach", "--no-recreate", "--scale", "web=1")
        names = self.compose("ps", "--quiet").split()
        eventually(lambda: all(map(is_healthy, names)), 60, lambda: self.compose("ps"))

    def containers(self, service: str) -> list[str]:
        """Return the ids of the running containers of a service, oldest first."""
        found = self.compose("ps", "--quiet", service).split()
        return sorted(found, key=lambda name: str(inspect(name)["Created"]))

    @property
    def url(self) -> str:
        """Return the address on this machine."""
        return f"http://{self.compose('port', 'balancer', '8080')}"

    def visit(self) -> int:
        """Count a visit and return its number; raises AssertionError when it was not counted."""
        answer = get(self.url)
        assert answer.status == 200, answer
        return int(json.loads(answer.body)["visits"])

    def logs(self, service: str) -> str:
        """Return what all containers of a service have printed."""
        return self.compose("logs", "--no-color", "--no-log-prefix", service)

    def remove(self) -> None:
        """Stop and remove everything; raises AssertionError if something is left."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "2")
        mine = f"label=com.docker.compose.project={self.name}"
        left = [
            engine(*words, "--quiet", "--filter", mine)
            for words in (["ps", "--all"], ["network", "ls"], ["volume", "ls"])
        ]
        assert left == ["", "", ""]


@dataclass
class Load:
    """Clients that visit all the time; half of them keep their connection."""

    url: str
    clients: int = 8
    pause: float = 0
    numbers: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def visit(self, connection: HTTPConnection, headers: Mapping[str, str]) -> None:
        """Send one request, and note how it ended."""
        try:
            connection.request("GET", "/", headers=headers)
            response = connection.getresponse()
            body = response.read().decode()
        except (OSError, HTTPException) as error:
            self.failures.append(repr(error))
            connection.close()
            return
        if response.status == 200:
            self.numbers.append(int(json.loads(body)["visits"]))
        else:
            self.failures.append(f"{response.status} {body[:200]}")

    def client(self, number: int) -> None:
        """Visit until it is over."""
        headers = {"Connection": "close"} if number % 2 else {}
        place = self.url.removeprefix("http://")
        with closing(HTTPConnection(place, timeout=30)) as connection:
            while not self.over.wait(self.pause):
                self.visit(connection, headers)

    def reaches(self, number: int) -> None:
        """Wait until so many more visits were answered."""
        wanted = len(self.numbers) + number
        eventually(lambda: len(self.numbers) >= wanted, 60, lambda: self.failures[-3:])


@contextmanager
def load(url: str, clients: int = 8, pause: float = 0) -> Iterator[Load]:
    """Visit with many clients while the block runs, which begins when the first were answered.

    Each pauses between two visits (seconds), so that others get something of the machine.
    """
    visits = Load(url, clients, pause)
    with ThreadPoolExecutor(clients) as pool:
        futures: list[Future[None]] = [pool.submit(visits.client, one) for one in range(clients)]
        try:
            visits.reaches(50)
            yield visits
            visits.reaches(50)
        finally:
            visits.over.set()
    for one in futures:
        one.result()


def moment(text: str) -> datetime:
    """Read a time as the engine or an event has it, to the millisecond."""
    return datetime.fromisoformat(text[:23].rstrip("Z") + "+00:00")


def best(measure: Callable[[], float], limit: float, times: int = 3) -> float:
    """Return the least of some measurements in seconds, and stop at one that is within the limit.

    What a busy machine adds is not the service's, but it is never less than what the service needs.
    """
    taken: list[float] = []
    while len(taken) < times and not (taken and taken[-1] < limit):
        taken.append(measure())
    return min(taken)


def stop(container: str) -> float:
    """Stop a container, and return how many seconds it took its processes to end."""
    started = datetime.now(UTC)
    engine("stop", container)
    return (moment(inspect(container)["State"]["FinishedAt"]) - started).total_seconds()
