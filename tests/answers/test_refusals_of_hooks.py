"""Every refusal of the hooks, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.answers.assertions import DEFAULTS
from tests.answers.bakes import run_cookiecutter
from tests.answers.hooks import post, pre
from tests.answers.sandbox import Sandbox
from tests.answers.sources import REPLAY

# Answer, value, and the line that refuses it.
LINES: list[tuple[str, Any, str]] = [
    ("project_name", "", "'' is blank; use 'Visit Counter'"),
    ("author_name", "Ann ", "'Ann ' starts or ends with white space; use 'Ann'"),
    (
        "description",
        "one\ntwo",
        "'one\\ntwo' contains a control or invisible character; use 'one two'",
    ),
    ("author_name", None, "None is not text; use 'Platform Team'"),
    (
        "project_name",
        "x" * 101,
        f"'{'x' * 56}... is longer than 100 characters; use '{'x' * 56}...",
    ),
    (
        "project_slug",
        "../My Shop",
        "'../My Shop' is not a DNS label (a-z, 0-9, hyphens); use 'my-shop'",
    ),
    ("project_slug", "2048", "'2048' has only digits; use 'app-2048'"),
    ("project_slug", "con", "'con' is the name of a Windows device; use 'con-service'"),
    (
        "package_name",
        "3d",
        "'3d' is not a module name (a-z, 0-9, underscores); use 'app_3d'",
    ),
    (
        "package_name",
        "flask",
        "'flask' is reserved (Python, a dependency or a folder); use 'flask_service'",
    ),
    (
        "author_email",
        "Ann <ann@example.org>",
        "'Ann <ann@example.org>' is not an address such as team@example.com; use 'ann@example.org'",
    ),
    (
        "image_repository",
        "https://ghcr.io/Acme/shop:1",
        "'https://ghcr.io/Acme/shop:1' is not a lower-case registry/path without a tag;"
        " use 'ghcr.io/acme/shop'",
    ),
    ("license", "GPL", "'GPL' is not one of MIT, Apache-2.0, BSD-3-Clause, none; use 'MIT'"),
    ("python_version", 3.14, "3.14 is not text; use '3.14'"),
    ("python_version", "2.7", "'2.7' is not one of 3.14, 3.13; use '3.14'"),
    ("ci", "jenkins", "'jenkins' is not one of github, gitlab, bitbucket, none; use 'github'"),
    ("release_ids", "date", "'date' is not one of sequence, timestamp; use 'sequence'"),
    ("kubernetes", "maybe", "'maybe' is not one of no, yes; use 'no'"),
]


@pytest.mark.parametrize(
    ("answer", "value", "line"),
    LINES,
    ids=[f"{answer} {value!r:.20}" for answer, value, _ in LINES],
)
def test_a_refusal_has_subject_problem_and_remedy(answer: str, value: Any, line: str) -> None:
    [problem] = pre.problems({**DEFAULTS, answer: value})
    assert problem.line() == f"{answer}: {line}"
    assert len(problem.text.split()) <= 8


def test_every_rule_has_a_line_in_the_table() -> None:
    lines = "\n".join(line for _, _, line in LINES)
    rules = {problem for rules in pre.RULES.values() for _, problem in rules}
    assert [problem for problem in rules if problem not in lines] == []


def test_a_reference_in_a_text_is_refused_with_its_quoted_form() -> None:
    given = {"description": "For {{ cookiecutter.project_name }}"}
    answers = {**DEFAULTS, "description": "For Visit Counter"}
    [problem] = pre.problems(answers, pre.find_changed(answers, given))
    assert problem.line() == (
        "description: 'For {{ cookiecutter.project_name }}' was changed by a reference to another"
        """ answer; use 'For {{ "{" }}{ cookiecutter.project_name }}'"""
    )


def test_a_report_ends_with_the_command_that_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PWD", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    answers = {**DEFAULTS, "package_name": "flask", "_template": "t", "_output_dir": str(tmp_path)}
    refusal, *rest, command, end = pre.report(answers, pre.problems(answers)).split("\n")
    assert refusal.startswith("package_name: 'flask' is reserved")
    assert rest == ["", "Nothing was generated. To continue with these values:", ""]
    assert command.startswith("  cookiecutter t 'project_name=Visit Counter' ")
    assert "package_name=flask_service" in command
    assert end == ""


def test_a_replayed_slug_that_leads_out_stops_the_rendering_of_the_hook(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox = Sandbox(tmp_path / "sandbox", capfd)
    result = run_cookiecutter(sandbox, REPLAY, {**DEFAULTS, "project_slug": "new/.."})
    message = "project_slug: leads out of its folder; correct it in the replay file"
    assert result.error == f"KeyError: '{message}'"


def test_a_path_that_the_template_lacks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(post, "ANSWERS", '{"license": "MIT"}')
    monkeypatch.setattr(post, "KEPT", {"license": {"MIT": ["LICENSE"]}})
    assert post.main() == 1
    message = "KEPT: the template has no LICENSE; correct hooks/post_gen_project.py\n"
    assert capsys.readouterr().err == message
