"""Instances: the containers of the process types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from deploy import engine
from deploy.configs import SLUG


class Instance(NamedTuple):
    """A container of a process type; a health check, if there is one, is part of the status."""

    id: str
    deploy: str
    release: str
    project: str
    service: str
    state: str
    status: str

    def is_up(self) -> bool:
        """Return True unless the instance has ended."""
        return self.state in ("running", "restarting", "paused")

    def is_ready(self) -> bool:
        """Return True if the instance runs and does not fail its health check."""
        return self.state == "running" and ("(" not in self.status or "(healthy)" in self.status)


def find_instances(project: str = "") -> list[Instance]:
    """Return the instances of a compose project, or of all, latest first."""
    lines = engine.call(engine.list_instances(project)).output().splitlines()
    return [Instance(*line.split("\t")) for line in lines]


def remove(instances: Collection[Instance]) -> int:
    """Stop and delete instances, and return the exit status of the deletion.

    Without --time the engine waits for stop_grace_period of compose.yaml. They stop in parallel.
    """
    if not (ids := [one.id for one in instances]):
        return 0
    engine.call(["stop", *ids])
    return engine.call(["rm", *ids]).status


def describe_instances() -> Iterator[str]:
    """Return deploy, release and number of instances of each running release of this service."""
    numbers: dict[tuple[str, str], Counter[str]] = {}
    for one in filter(Instance.is_up, find_instances()):
        if one.project == f"{SLUG}-{one.deploy}":
            numbers.setdefault((one.deploy, one.release), Counter())[one.service] += 1
    for (deploy, release), found in sorted(numbers.items()):
        types = [f"{name}={number}" for name, number in sorted(found.items())]
        yield f"{deploy} {release} {' '.join(types) if len(types) > 1 else sum(found.values())}"
