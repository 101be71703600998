"""Phrases of the table and long lines of prose are refused, with their place and a remedy."""

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
    pytest.param("test_it_waits_in_vain", "in vain", id="in a name"),
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


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param("", "", [(3, 111)], id="a paragraph"),
        pytest.param("- ", "", [(3, 113)], id="an item of a list"),
        pytest.param("# ", "", [(3, 113)], id="a heading"),
        pytest.param("```\ncode\n```\n", "", [(6, 111)], id="a paragraph after code"),
        pytest.param("| ", " |", [], id="a row of a table"),
        pytest.param("```sh\n", "\n```", [], id="code"),
        pytest.param("<!-- figures -->\n", "\n<!-- end of figures -->", [], id="a generated part"),
        pytest.param("[link](https://", ")", [], id="a URL"),
    ],
)
def test_a_long_line_of_prose_is_refused(
    before: str, after: str, found: list[tuple[int, int]]
) -> None:
    assert wording.check_lines(f"First.\n\n{before}{'x' * 111}{after}\nLast.\n") == found


def test_a_planted_phrase_ends_the_program_with_its_place(tmp_path: Path) -> None:
    planted = tmp_path / "bin/dev"
    planted.parent.mkdir()
    planted.write_text("#!/bin/sh\n# It waits in vain.\n")
    (tmp_path / "image.png").write_bytes(b"\xff in vain")
    long = tmp_path / "docs.md"
    long.write_text("x" * 111)
    (tmp_path / "CONTRIBUTING.md").write_text("Fine.\n\n| in vain | without a response |\n")
    words = [sys.executable, "-m", wording.__name__, str(tmp_path)]
    refused = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    message = f'{planted}:2: "in vain": write without a response; until the deadline\n'
    message += f"{long}:1: 111 characters; wrap the line at 110\n"
    assert (refused.returncode, refused.stderr) == (1, message)
    long.unlink()
    planted.write_text("#!/bin/sh\n# It waits until the deadline.\n")
    accepted = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (accepted.returncode, accepted.stderr) == (0, "")


def test_the_repository_has_no_refused_phrase() -> None:
    assert wording.main([]) == 0
