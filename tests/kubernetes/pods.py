"""What the API server knows of a pod."""

from __future__ import annotations

from typing import Any


def container_of(pod: dict[str, Any]) -> str:
    """Return the id of the container of a pod, in the engine."""
    found: str = pod["status"]["containerStatuses"][0]["containerID"]
    return found.removeprefix("docker://")


def is_ready(pod: dict[str, Any]) -> bool:
    """Return True if requests are sent to a pod."""
    conditions = {one["type"]: one["status"] for one in pod["status"].get("conditions", [])}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]


def count_restarts(pod: dict[str, Any]) -> int:
    """Return how often the node has restarted the container of a pod."""
    return int(pod["status"]["containerStatuses"][0]["restartCount"])
