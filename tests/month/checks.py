"""All that a team runs after a change."""

from __future__ import annotations

from tests.gate.outcomes import GATE, STORM, list_promised, read_outcomes
from tests.support.baking import BakedProject


def check(project: BakedProject) -> int:
    """Run bin/lint, bin/test and the gate; return the number of proved assertions."""
    project.run("bin/lint")
    project.run("bin/test")
    found = read_outcomes(project, GATE, "-k", f"not {STORM}", status=0)
    assert found.keys() == {"proved"}, found
    assert found["proved"] == list_promised(project)
    return len(found["proved"])
