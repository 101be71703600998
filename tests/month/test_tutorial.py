"""docs/tutorial.md, followed line by line: from the example to a feature of a team, released."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from tests.gate.outcomes import STORM, list_promised, read_report
from tests.releases.releasing import Team
from tests.support.baking import BakedProject
from tests.support.blocks import SESSION, Block, follow, read_blocks
from tests.support.fixtures import Start, Tally
from tests.support.program import send_signal
from tests.support.service import eventually, free_port, is_up

DEVELOP, GATE = "bin/dev\n", "bin/test factors\n"
# Variables of the host that a release needs; tools keep their own home.
HOST = re.compile("(?:GIT|XDG)_.*|RUN_TIMEOUT|CONTAINER_ENGINE|FAKE_ENGINE")
pytestmark = pytest.mark.month


def develop(project: BakedProject, start: Start, blocks: list[Block], port: int) -> None:
    """Run bin/dev, type the commands of the blocks, compare their output, and press Ctrl-C."""
    program = start("bin/dev", cwd=project.path, PORT=str(port))
    eventually(lambda: is_up(f"http://127.0.0.1:{port}/readyz"), 30, program.read_output)
    for block in blocks:
        for typed in re.split(r"^\$ ", block.text.replace(":8000", f":{port}"), flags=re.M)[1:]:
            command, _, expected = typed.partition("\n")
            assert project.run("sh", "-euc", command).stdout.strip() == expected.strip()
    noted = program.wait_for_output('"message": "note written".*"request_id": "(\\w+)"')[1]
    program.wait_for_output(f'"message": "request".*"request_id": "{noted}".*"/notes"')
    send_signal(program.process.pid, signal.SIGINT)
    program.wait()


def test_the_tutorial_leads_to_a_feature_that_is_proved_and_released(
    project: BakedProject, start: Start, tmp_path: Path, tally: Tally
) -> None:
    team = Team.on_host(project, tmp_path / "host").with_fake_engine()
    host = {name: value for name, value in team.environ.items() if HOST.fullmatch(name)}
    blocks = read_blocks(project, "docs/tutorial.md")
    sessions = [block for block in blocks if block.kind == SESSION]
    [_] = (block for block in blocks if block.text == DEVELOP)
    [_] = (block for block in blocks if GATE in block.text)
    for block in blocks:
        if block.text == DEVELOP:
            develop(project, start, sessions, free_port())
        elif block.kind != SESSION:
            without_storm = GATE.replace("\n", f' -k "not {STORM}"\n')
            follow(project, block._replace(text=block.text.replace(GATE, without_storm)), **host)

    found = read_report(project, "reports/factors.xml")
    assert found == {"proved": list_promised(project)}
    tally("assertions that the gate proves after the tutorial", len(found["proved"]))
    [release] = team.ledger()
    assert team.show(release)["Deploy"] == "staging"
    assert team.show(release)["Revision"] == team.git("rev-parse", "notes")
