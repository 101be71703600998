"""Manifests that deploy/kubernetes/base/kustomization.yaml names, as written there."""

from typing import Any

import yaml

from tests.support.service import ROOT

BASE = ROOT / "deploy/kubernetes/base"


def list_files() -> list[str]:
    """Return the names of the files that Kustomize reads; raises YAMLError."""
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8"))["resources"]
    return [name for name in listed if (BASE / name).is_file()]


def read_manifests(kind: str) -> dict[str, Any]:
    """Return every manifest of a kind by its name; raises YAMLError."""
    texts = [(BASE / name).read_text("utf-8") for name in list_files()]
    manifests = [one for text in texts for one in yaml.safe_load_all(text)]
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def read_pods() -> dict[str, Any]:
    """Return the pod template of every Deployment."""
    return {name: one["spec"]["template"] for name, one in read_manifests("Deployment").items()}
