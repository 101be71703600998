"""The edits that the documents of a service ask for; tests/month/ makes them, and runs all commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.blocks import COMMANDS, EDIT, HEADING, SESSION, follow, read_blocks
from tests.support.fixtures import Bake

DOCUMENTS = ["docs/tutorial.md", "docs/backing-services.md"]
# Each of its sections is a change to a new service.
CHANGES = "docs/changing.md"


@pytest.mark.parametrize("worker", ["no", "yes"])
def test_every_edit_of_a_document_fits_a_new_service(
    worker: str, bake: Bake, tmp_path: Path
) -> None:
    fresh = bake(worker=worker)
    sections = [(CHANGES, heading) for heading in HEADING.findall(fresh.read(CHANGES))]
    edits = 0
    for number, (name, heading) in enumerate([*((name, "") for name in DOCUMENTS), *sections]):
        project = fresh.copy_to(tmp_path / str(number))
        for block in read_blocks(project, name, heading):
            if block.kind not in {COMMANDS, SESSION} and block.path:
                (project.path / block.path).parent.mkdir(parents=True, exist_ok=True)
                follow(project, block)
                edits += block.kind == EDIT
    assert edits > 20
