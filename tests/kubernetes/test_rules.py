"""Every release keeps to the rules of manifests, and each rule finds what breaks it."""

from __future__ import annotations

import copy

import pytest

from tests.kubernetes.rendering import read, render_release
from tests.kubernetes.rules import RULES, Manifests, find, list_faults, list_parts
from tests.support.fixtures import Bake

# A deploy to try things on has one pod.
EXCUSED = {"development": ["HorizontalPodAutoscaler web spec/minReplicas"]}


@pytest.fixture(scope="module")
def manifests(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Manifests]:
    """Return the manifests of a release to each deploy."""
    project = bake(kubernetes="yes").copy_to(tmp_path_factory.mktemp("rules"))
    deploys = ("development", "staging", "production")
    return {deploy: read(render_release(project, deploy)) for deploy in deploys}


def test_every_release_keeps_to_the_rules(manifests: dict[str, Manifests]) -> None:
    faults = {deploy: list_faults(found) for deploy, found in manifests.items()}
    assert {deploy: found for deploy, found in faults.items() if found} == EXCUSED


@pytest.mark.parametrize(
    ("subject", "path"), [(subject, path) for subject in RULES for path in RULES[subject]]
)
def test_a_rule_finds_what_breaks_it(
    subject: str, path: str, manifests: dict[str, Manifests]
) -> None:
    broken = copy.deepcopy(manifests["staging"])
    [(kind, name, part), *_] = [
        one for one in list_parts(broken) if subject in (one[0], f"{one[0]} {one[1]}")
    ]
    *parents, key = path.split("/")
    owner = find(part, "/".join(parents)) if parents else part
    owner[key.replace("~1", "/")] = RULES[subject][path][1]
    assert list_faults(broken) == [f"{kind} {name} {path}"]
