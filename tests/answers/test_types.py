"""Answers that are no text, and choices that are not offered, are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.answers.assertions import DEFAULTS, TEXT_ANSWERS, assert_refused
from tests.answers.bakes import run_cookiecutter
from tests.answers.sandbox import Sandbox
from tests.answers.sources import API, COMMAND, CONFIG, REPLAY
from tests.support.fixtures import Tally

SHOP = {**DEFAULTS, "project_slug": "shop"}


@pytest.mark.parametrize("value", [None, True, 3.14, 8, ["x", "y"], {"../a": "b"}], ids=repr)
@pytest.mark.parametrize("source", [CONFIG, REPLAY, API])
def test_a_value_that_is_no_text_is_refused(
    value: object, source: str, sandbox: Sandbox, tally: Tally
) -> None:
    answers = {**SHOP, **dict.fromkeys(TEXT_ANSWERS, value)}
    if source == REPLAY and isinstance(value, dict):
        answers["project_slug"] = "shop"  # cookiecutter makes a path of it
    before = sandbox.snapshot()
    refusals = run_cookiecutter(sandbox, source, answers).read_refusals()
    assert list(refusals) == [name for name in TEXT_ANSWERS if answers[name] != "shop"]
    assert sandbox.snapshot() == before
    tally("hostile cases")


@pytest.mark.parametrize("slug", [{"../a": "b"}, {"a": ["../b", 1]}], ids=repr)
@pytest.mark.parametrize("source", [CONFIG, API])
def test_a_slug_that_is_a_dictionary_is_no_path(
    slug: object, source: str, sandbox: Sandbox, tally: Tally
) -> None:
    # cookiecutter renders dictionaries last: no other answer is rendered after this one.
    assert_refused(sandbox, source, {**SHOP, "project_slug": slug}, ["project_slug"])
    tally("hostile cases")


@pytest.mark.parametrize(
    ("source", "answers", "message"),
    [
        pytest.param(COMMAND, {"license": "GPL-3.0"}, "GPL-3.0 provided for choice", id="command"),
        pytest.param(API, {"license": "GPL-3.0"}, "GPL-3.0 provided for choice", id="api"),
        pytest.param(API, {"license": "{{ 7*7 }}"}, "{{ 7*7 }} provided for choice", id="jinja"),
        pytest.param(API, {"python_version": 3.14}, "3.14 provided for choice", id="a number"),
        pytest.param(API, {"description": []}, "list of choices is empty", id="an empty list"),
        pytest.param(CONFIG, {"description": date(2026, 1, 1)}, "not JSON serial", id="a date"),
    ],
)
def test_cookiecutter_refuses_some_answers_before_it_creates_a_folder(
    source: str, answers: dict[str, Any], message: str, sandbox: Sandbox, tally: Tally
) -> None:
    before = sandbox.snapshot()
    result = run_cookiecutter(sandbox, source, answers)
    assert result.error
    assert message in "".join(result)
    assert (sandbox.snapshot(), sandbox.find_hooks()) == (before, [])
    tally("hostile cases")
