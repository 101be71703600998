"""What docs/kubernetes.md says about the worker holds for its manifests."""

from __future__ import annotations

import re
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # has no types

from tests.kubernetes.rendering import read, render
from tests.kubernetes.validation import NO_SCHEMA, validate
from tests.support.fixtures import Bake

OVERLAY = "deploy/kubernetes/overlays/staging"


def test_the_worker_can_scale_by_the_age_of_the_oldest_job(bake: Bake, tmp_path: Path) -> None:
    project = bake(kubernetes="yes", worker="yes").copy_to(tmp_path)
    document = project.read("docs/kubernetes.md")
    [patches] = re.findall(r"```yaml\n(patches:\n.*?)```", document, re.DOTALL)
    overlay = yaml.safe_load(project.read(f"{OVERLAY}/kustomization.yaml"))
    overlay["patches"] += yaml.safe_load(patches)["patches"]
    project.write(f"{OVERLAY}/kustomization.yaml", yaml.safe_dump(overlay))

    rendered = render(project, OVERLAY)
    assert all(NO_SCHEMA in line for line in validate(rendered, tmp_path / "all.yaml", 0))
    scalers = {
        name: one["spec"]["metrics"]
        for (kind, name), one in read(rendered).items()
        if kind == "HorizontalPodAutoscaler"
    }
    assert scalers["web"][0]["type"] == "Resource"
    [metric] = scalers["worker"]
    name = metric["external"]["metric"]["name"]
    assert f"seriesQuery: {name}{{" in document
    assert f'"{name}"' in project.read("visit_counter/runtime/jobs/metrics.py")
