"""sp-repo-review finds nothing in the template or in a service that docs/decisions.md does not explain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repo_review.processor import process

from tests.support.environment import ROOT
from tests.support.fixtures import Bake
from tests.support.rows import read_factors

RULE = re.compile(r"\b[A-Z]{2,3}\d{3}\b")
DECISION = "**`sp-repo-review` has findings that stay.**"


def find_failed(folder: Path) -> set[str]:
    """Return the rules that a repository breaks."""
    return {one.name for one in process(folder).results if one.result is False}


@pytest.mark.parametrize("ci", [*read_factors()["ci"], "template"])
def test_every_finding_is_explained(ci: str, bake: Bake) -> None:
    failed = find_failed(ROOT if ci == "template" else bake(ci=ci).path)
    text = (ROOT / "docs/decisions.md").read_text("utf-8")
    explained = RULE.findall(text.partition(DECISION)[2].partition("\n\n")[0])
    assert failed
    assert failed - set(explained) == set()
