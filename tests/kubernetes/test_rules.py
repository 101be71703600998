"""Every release keeps to the rules of manifests, and each rule finds what breaks it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.kubernetes.faults import Manifests, find, list_faults, list_parts
from tests.kubernetes.rendering import read, render_release
from tests.kubernetes.rules import RULES
from tests.support.fixtures import Bake

DEPLOYS = ("development", "staging", "production")
# A deploy to try things on has one pod of each process type.
EXCUSED = "HorizontalPodAutoscaler {} spec/minReplicas"


def read_release(bake: Bake, folder: Path, deploy: str, worker: str) -> Manifests:
    """Return the manifests of a release."""
    project = bake(kubernetes="yes", worker=worker).copy_to(folder)
    return read(render_release(project, deploy))


@pytest.fixture(scope="module")
def staging(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> Manifests:
    """Return the manifests of a release to staging, with all process types."""
    return read_release(bake, tmp_path_factory.mktemp("rules"), "staging", "yes")


@pytest.mark.parametrize("deploy", DEPLOYS)
@pytest.mark.parametrize(("worker", "types"), [("yes", ["web", "worker"]), ("no", ["web"])])
def test_every_release_keeps_to_the_rules(
    deploy: str, worker: str, types: list[str], bake: Bake, tmp_path: Path
) -> None:
    manifests = read_release(bake, tmp_path, deploy, worker)
    assert [name for kind, name in manifests if kind == "HorizontalPodAutoscaler"] == types
    excused = [EXCUSED.format(name) for name in types] if deploy == "development" else []
    assert list_faults(manifests) == excused


@pytest.mark.parametrize(
    ("subject", "path"), [(subject, path) for subject in RULES for path in RULES[subject]]
)
def test_a_rule_finds_what_breaks_it(subject: str, path: str, staging: Manifests) -> None:
    broken = copy.deepcopy(staging)
    [(kind, name, part), *_] = [
        one for one in list_parts(broken) if subject in (one[0], f"{one[0]} {one[1]}")
    ]
    *parents, key = path.split("/")
    owner = find(part, "/".join(parents)) if parents else part
    owner[key.replace("~1", "/")] = RULES[subject][path][1]
    assert list_faults(broken) == [f"{kind} {name} {path}"]
