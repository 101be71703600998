"""Derived answers are accepted, or the hook suggests an accepted value."""

from __future__ import annotations

import json
import keyword
import re
import sys
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from tests.answers.hooks import derive_answers, pre, read_questions
from tests.answers.sample_answers import AWKWARD_NAMES
from tests.support.environment import SERVICE


def test_the_hook_knows_the_questions_the_choices_and_the_defaults() -> None:
    questions = read_questions()
    prompts = questions.pop("__prompts__")
    choices = {name: tuple(value) for name, value in questions.items() if isinstance(value, list)}
    assert list(questions) == list(pre.RULES) == list(prompts)
    assert choices == pre.CHOICES
    assert {name: set(prompts[name]) - {"__prompt__"} for name in choices} == {
        name: set(values) for name, values in choices.items()
    }
    assert derive_answers() == pre.DEFAULTS
    assert pre.problems(pre.DEFAULTS) == []


def suggest_answers(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers with the suggestions of the hook; raises AssertionError for two of one."""
    problems = pre.problems(answers)
    suggestions = {problem.answer: problem.suggestion for problem in problems}
    assert len(suggestions) == len(problems)
    return {**answers, **suggestions}


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_answers_derived_from_a_name_are_accepted_or_have_an_accepted_suggestion(
    name: str,
) -> None:
    assert pre.problems(suggest_answers(derive_answers(project_name=name))) == []


@pytest.mark.parametrize("slug", ["../escape", "", "Tests", "flask", "con", "3-d", "-", "a/b"])
def test_answers_derived_from_a_slug_are_accepted_or_have_an_accepted_suggestion(
    slug: str,
) -> None:
    assert pre.problems(suggest_answers(derive_answers(project_slug=slug))) == []


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("2048", ["app-2048", "app_2048", "ghcr.io/acme/app-2048"]),
        ("con", ["con-service", "con_service", "ghcr.io/acme/con-service"]),
        ("a-", ["a", "a", "ghcr.io/acme/a"]),
        ("My-Shop", ["my-shop", "my_shop", "ghcr.io/acme/my-shop"]),
        ("", ["visit-counter", "visit_counter", "ghcr.io/acme/visit-counter"]),
    ],
)
def test_answers_derived_from_a_refused_slug_follow_its_suggestion(
    slug: str, names: list[str]
) -> None:
    derived = {"package_name": slug.replace("-", "_"), "image_repository": f"ghcr.io/acme/{slug}"}
    answers = {**pre.DEFAULTS, "project_slug": slug, **derived, "_template": "t"}
    found = pre.problems(answers)
    given = json.loads(pre.command(answers, found)[-1])
    assert [given[name] for name in ("project_slug", *derived)] == names
    shown = {problem.answer: problem.suggestion for problem in found}
    assert {name: given[name] for name in shown} == shown
    own = {**answers, "package_name": "mine", "image_repository": "ghcr.io/acme/mine"}
    given = json.loads(pre.command(own, pre.problems(own))[-1])
    assert [given[name] for name in derived] == ["mine", "ghcr.io/acme/mine"]


def test_a_name_of_letters_and_spaces_needs_no_suggestion() -> None:
    assert pre.problems(derive_answers(project_name="Café Crème Shop")) == []


def test_a_reserved_package_is_refused_and_its_suggestion_accepted() -> None:
    names = {*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist, *pre.RESERVED}
    refused = {name: pre.find_problem("package_name", name) for name in names}
    assert [name for name, problem in refused.items() if not problem] == []
    suggestions = {name: pre.suggest("package_name", name) for name in names}
    assert [name for name in names if pre.find_problem("package_name", suggestions[name])] == []


def test_no_package_can_shadow_a_file_or_a_dependency() -> None:
    files = [path.name.lower().removesuffix(".py") for path in SERVICE.iterdir()]
    locks = [SERVICE / f"requirements{group}.txt" for group in ("", "-dev", "-worker")]
    pins = "".join(lock.read_text("utf-8") for lock in locks if lock.exists())
    locked = {name.replace("_", "-") for name in re.findall(r"(?m)^([\w.-]+)==", pins.lower())}
    imports = {
        name
        for name, packages in packages_distributions().items()
        if {package.lower().replace("_", "-") for package in packages} & locked
    }
    names = {*files, *locked, *imports, "docs"}
    taken = {name.replace("-", "_").lower() for name in names if "." not in name}
    possible = {name for name in taken if re.fullmatch("[a-z][a-z0-9_]*", name)}
    assert possible - pre.RESERVED == set()
