"""Manifests of a project, as kubectl's Kustomize renders them."""

from __future__ import annotations

from typing import Any

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject
from tests.support.environment import TOOLS

IMAGE = f"ghcr.io/acme/shop@sha256:{'a' * 64}"
CONFIG = "# kubectl context: there\nSECRET_KEY=0123\nREDIS_URL=redis://redis:6379/0\nRELEASE=\n"
# Writes the kustomization of a release, as bin/run does.
WRITE = """
import sys
from pathlib import Path
from deploy import configs, manifests
from deploy.ledger import Release

deploy, image, config = sys.argv[1:]
content = config.encode()
release = Release("v7", deploy, "deploy", image, "", configs.fingerprint(content))
print(manifests.write(release, content, Path()))
"""


def render(project: BakedProject, folder: str) -> str:
    """Return the manifests of a folder as YAML."""
    return project.run("kubectl", "kustomize", folder, PATH=TOOLS).stdout


def render_release(project: BakedProject, deploy: str, image: str = IMAGE) -> str:
    """Return the manifests of a release as YAML."""
    state = str(project.path.parent / "state")
    words = ["python", "-B", "-c", WRITE, deploy, image, CONFIG]
    folder = project.run(*words, PATH=TOOLS, XDG_STATE_HOME=state).stdout.strip()
    return render(project, folder)


def read(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every manifest by its kind and name."""
    manifests = [one for one in yaml.safe_load_all(text) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in manifests}


def read_pods(text: str) -> dict[str, dict[str, Any]]:
    """Return the pod template of every Deployment."""
    return {
        name: one["spec"]["template"]
        for (kind, name), one in read(text).items()
        if kind == "Deployment"
    }
