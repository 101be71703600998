"""The kustomization of a release: the overlay of its deploy, image, configuration and id."""

from __future__ import annotations

import json
import re
from pathlib import Path

from deploy import env_file
from deploy.configs import SLUG
from deploy.files import write_private
from deploy.images import name_of
from deploy.ledger import Release
from deploy.refusal import REFUSED, Refusal

KUBERNETES = Path("deploy/kubernetes")


def namespace(deploy: str) -> str:
    """Return the namespace of a deploy."""
    return f"{SLUG}-{deploy}"


def kustomization(release: Release) -> dict[str, object]:
    """Return the kustomization of a release; raises Refusal."""
    if name_of(release.image) != release.image:
        remedy = f'run bin/release {release.deploy} "$(bin/build)"'
        raise Refusal(REFUSED, f"{release.id} has an image without a registry", remedy)
    name, _, digest = release.image.partition("@")
    path = "/spec/template/metadata/labels/app.kubernetes.io~1version"
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace(release.deploy),
        "resources": [f"../overlays/{release.deploy}"],
        "labels": [{"pairs": {"app.kubernetes.io/version": release.id}}],
        # Also the pods of the process types, and no others, which would be replaced
        "patches": [
            {
                "target": {"kind": "Deployment", "labelSelector": f"app.kubernetes.io/name={SLUG}"},
                "patch": json.dumps([{"op": "add", "path": path, "value": release.id}]),
            }
        ],
        "images": [{"name": "service", "newName": name, "digest": digest}],
        "secretGenerator": [{"name": "config", "envs": ["config.env"]}],
        "configMapGenerator": [{"name": "release", "literals": [f"RELEASE={release.id}"]}],
        # Their names end with a hash of their content, which no one can change.
        "generatorOptions": {"immutable": True},
    }


def process_types(folder: Path) -> list[str]:
    """Return the process types of a release, each of which is a Deployment."""
    return re.findall("^([a-z][a-z0-9-]*):", (folder / "Procfile").read_text("utf-8"), re.MULTILINE)


def write(release: Release, config: bytes, folder: Path) -> Path:
    """Write the kustomization beside the files of a release, and return its folder; raises Refusal."""
    overlay = KUBERNETES / "overlays" / release.deploy
    if not (folder / overlay).is_dir():
        remedy = f"run cp -r {KUBERNETES}/overlays/staging {overlay}, edit and commit it, then run bin/build"
        raise Refusal(REFUSED, f"no {overlay} in {release.id}", remedy)
    target = folder / KUBERNETES / "release"
    target.mkdir(exist_ok=True)
    # JSON is YAML.
    (target / "kustomization.yaml").write_text(json.dumps(kustomization(release)), "utf-8")
    # An empty variable has its default. In an immutable Secret it would refuse the next release:
    # https://github.com/kubernetes/kubernetes/issues/118588
    given = {name: value for name, value in env_file.parse(config).items() if value}
    text = "".join(f"{name}={value}\n" for name, value in given.items())
    write_private(target / "config.env", text)
    return target
