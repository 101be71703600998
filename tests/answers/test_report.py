"""The report of a refusal: each problem, and the command that continues."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from tests.answers.hooks import derive_answers, pre


def test_a_missing_answer_is_a_problem() -> None:
    assert [problem.answer for problem in pre.problems({})] == list(pre.RULES)


def test_a_value_is_shown_short_and_escaped() -> None:
    answers = {**pre.DEFAULTS, "_template": "t", "_output_dir": "o"}
    answers |= {"description": "\x1b[2J\u202e" + "x" * 900}
    text = pre.report(answers, pre.problems(answers)).partition("cookiecutter t")[0]
    assert "description: '\\x1b[2J\\u202exxx" in text
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("value", ["{{ 7*7 }}", "{% raw %}", "{# #}", "{{{%", "{{{{#{", "a { b }"])
def test_the_command_gives_values_that_render_to_themselves(value: str) -> None:
    assert derive_answers(description=pre.literal(value))["description"] == value


@pytest.mark.parametrize(
    ("answers", "start"),
    [
        pytest.param({}, "cookiecutter gh:org/template project_name=", id="the working folder"),
        pytest.param(
            {"_checkout": "v1", "_output_dir": "/srv"},
            "cookiecutter gh:org/template --checkout v1 --output-dir /srv project_name=",
            id="another folder",
        ),
    ],
)
def test_the_command_repeats_template_checkout_and_place(
    answers: dict[str, str], start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PWD", str(tmp_path))
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    answers = {"_template": "gh:org/template", "_output_dir": str(tmp_path), **answers}
    assert " ".join(pre.command({**pre.DEFAULTS, **answers}, [])).startswith(start)


def test_a_project_of_cruft_continues_with_cruft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {**pre.DEFAULTS, "_template": "gh:org/template", "author_name": ""}
    monkeypatch.setenv("PWD", str(tmp_path))
    *words, given = pre.command(answers, pre.problems(answers))
    assert words == ["cruft", "create", "gh:org/template", "--extra-context"]
    assert json.loads(given) == pre.DEFAULTS
    rendered = tmp_path / "tmpabc/shop"
    rendered.mkdir(parents=True)
    monkeypatch.chdir(rendered)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    *words, given = pre.command(answers, pre.problems(answers))
    assert words == ["cruft", "update", "--variables-to-update"]
    assert json.loads(given) == {"author_name": "Platform Team"}
