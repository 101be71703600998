"""A phrase of the table is refused with its place and with what to write instead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import wording
from tests.support.environment import ROOT

PHRASES = [
    pytest.param("Wait in vain.", "in vain", id="in vain"),
    pytest.param("Wait in\n# vain.", "in vain", id="over two lines of a comment"),
    pytest.param("Say goodbye.", "goodbye", id="goodbye"),
    pytest.param("Hold it for ever.", "for ever", id="for ever"),
    pytest.param("Whoever waits.", "Whoever", id="whoever"),
    pytest.param("Stop, as it says above.", "as it says above", id="as it says above"),
    pytest.param("Tell whether it is open.", "Tell whether", id="tell whether"),
    pytest.param("It tells whether.", "tells whether", id="tells whether"),
    pytest.param("It hangs up.", "hangs up", id="hangs up"),
    pytest.param("It has hung up.", "hung up", id="hung up"),
    pytest.param("It says nothing.", "says nothing", id="says nothing"),
    pytest.param("It speaks HTTP.", "speaks", id="speaks"),
    pytest.param("MAX_PATIENCE = 3", "PATIENCE", id="patience"),
    pytest.param("Close it, as it is old.", ", as it", id="as it"),
    pytest.param("Close it, if only one is left.", ", if only", id="if only"),
]
STANDARD = [
    "forever, a hang-up, loudspeakers, vain",
    "the folder as it will be generated",
    "Return True if only one is left.",
    "Return whether",
]


@pytest.mark.parametrize(("text", "phrase"), PHRASES)
def test_a_phrase_is_refused(text: str, phrase: str) -> None:
    [(line, found, instead)] = wording.check_text(f"First.\n{text}\n")
    assert (line, found) == (2, phrase)
    assert instead


@pytest.mark.parametrize("text", STANDARD)
def test_a_standard_phrase_is_accepted(text: str) -> None:
    assert wording.check_text(text) == []


def test_a_planted_phrase_ends_the_program_with_its_place(tmp_path: Path) -> None:
    planted = tmp_path / "bin/dev"
    planted.parent.mkdir()
    planted.write_text("#!/bin/sh\n# It waits in vain.\n")
    (tmp_path / "image.png").write_bytes(b"\xff in vain")
    (tmp_path / "CONTRIBUTING.md").write_text("Fine.\n\n| in vain | without a response |\n")
    words = [sys.executable, "-m", wording.__name__, str(tmp_path)]
    refused = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    message = f'{planted}:2: "in vain": write without a response; until the deadline\n'
    assert (refused.returncode, refused.stderr) == (1, message)
    planted.write_text("#!/bin/sh\n# It waits until the deadline.\n")
    accepted = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (accepted.returncode, accepted.stderr) == (0, "")


def test_the_service_the_hooks_and_the_rules_have_no_refused_phrase() -> None:
    assert wording.main([]) == 0
