"""Each rule accepts sensible values, and refuses bad ones with an accepted suggestion."""

from __future__ import annotations

import pytest

from tests.answers.hooks import pre
from tests.answers.sample_answers import ACCEPTED, REFUSED


@pytest.mark.parametrize(("answer", "value"), ACCEPTED)
def test_a_sensible_answer_is_accepted(answer: str, value: str) -> None:
    assert pre.problems({**pre.DEFAULTS, answer: value}) == []


@pytest.mark.parametrize(("answer", "value", "expected"), REFUSED)
def test_a_bad_answer_is_refused_and_its_suggestion_accepted(
    answer: str, value: object, expected: str
) -> None:
    [problem] = pre.problems({**pre.DEFAULTS, answer: value})
    assert problem.answer == answer
    assert expected == problem.text
    assert pre.problems({**pre.DEFAULTS, answer: problem.suggestion}) == []


@pytest.mark.parametrize(
    ("answer", "value", "suggestion"),
    [
        pytest.param("project_name", " Visit\u202e\nShop ", "Visit Shop", id="hidden characters"),
        pytest.param("project_slug", "../Crème Brûlée!", "creme-brulee", id="path"),
        pytest.param("project_slug", "2048", "app-2048", id="number"),
        pytest.param("package_name", "3-D", "app_3_d", id="digit first"),
        pytest.param("package_name", "json", "json_service", id="reserved"),
        pytest.param("author_email", "Ann <ann@example.org>", "ann@example.org", id="display name"),
        pytest.param("license", " MIT", "MIT", id="padded choice"),
        pytest.param("image_repository", "https://ghcr.io/A/b:1", "ghcr.io/a/b", id="scheme, tag"),
        pytest.param("image_repository", "reg:5000/a@sha256:0", "reg:5000/a", id="digest"),
    ],
)
def test_the_suggestion_is_near_the_answer(answer: str, value: str, suggestion: str) -> None:
    assert pre.suggest(answer, value) == suggestion
