"""Parts of the manifests of a release that break a rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.kubernetes.rules import RULES

Manifests = dict[tuple[str, str], dict[str, Any]]


def list_parts(manifests: Manifests) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each manifest, pod and container with its kind and name."""
    for (kind, name), manifest in manifests.items():
        yield kind, name, manifest
        if kind == "Deployment":
            pod = manifest["spec"]["template"]["spec"]
            yield "Pod", name, pod
            yield from (("Container", name, container) for container in pod["containers"])


def find(part: Any, path: str) -> Any:
    """Return the value at a path, with `~1` for a slash in a key; None if there is none."""
    for key in path.split("/"):
        part = (
            part[int(key)] if isinstance(part, list) else (part or {}).get(key.replace("~1", "/"))
        )
    return part


def list_faults(manifests: Manifests) -> list[str]:
    """Return the kind, name and path of each value that breaks a rule."""
    return [
        f"{kind} {name} {path}"
        for kind, name, part in list_parts(manifests)
        for path, (holds, _) in (RULES.get(kind, {}) | RULES.get(f"{kind} {name}", {})).items()
        if not holds(find(part, path))
    ]
