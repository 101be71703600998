"""Manifests of deploy/kubernetes/base, as written there."""

from typing import Any

import yaml

from tests.support.service import ROOT


def read_manifests(kind: str) -> dict[str, Any]:
    """Return every manifest of a kind by its name; raises YAMLError."""
    files = sorted((ROOT / "deploy/kubernetes/base").glob("*.yaml"))
    manifests = [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8"))]
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def read_pods() -> dict[str, Any]:
    """Return the pod template of every Deployment."""
    return {name: one["spec"]["template"] for name, one in read_manifests("Deployment").items()}
