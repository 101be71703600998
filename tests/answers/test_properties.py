"""Properties of every set of answers, tested by hypothesis with generated ones."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

import pytest
from cookiecutter.utils import create_env_with_context
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import FileSystemLoader

from tests.answers.assertions import (
    DEFAULTS,
    assert_data,
    assert_generated,
    assert_refused,
)
from tests.answers.attacks import PROSE
from tests.answers.hooks import find_refused, pre
from tests.answers.sandbox import HOOKS, Sandbox
from tests.answers.sources import CONFIG, REPLAY, SOURCES, Answers, can_supply, read_answers
from tests.answers.strategies import ACCEPTED, ANSWERS, PROFILE
from tests.support.environment import ROOT, SERVICE
from tests.support.fixtures import Bake, Tally
from tests.support.rendered_text import PLACEHOLDERS, extract_text, fill_placeholders

pytestmark = pytest.mark.usefixtures("home")

# The folder that cookiecutter creates: never a path
FOLDER = re.compile(r"\.refused|[a-z0-9-]{1,40}")


def is_harmless(name: str, text: str) -> bool:
    """Return True if an answer suits the files that contain it, by rules other than the hook's."""
    if name in PROSE:
        return text == text.strip() != "" and len(text.splitlines()) == 1 and "\0" not in text
    if name == "package_name":
        taken = keyword.iskeyword(text) or text in sys.stdlib_module_names
        return text.isascii() and text.isidentifier() and text.islower() and not taken
    shape = {
        "project_slug": "[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        "author_email": "[!-~]+@[A-Za-z0-9.-]+",
        "image_repository": "[a-z0-9]([a-z0-9._/:-]*[a-z0-9])?",
    }
    return re.fullmatch(shape.get(name, ".*"), text) is not None


def test_answers_are_validated_and_are_data_in_the_hooks(tally: Tally) -> None:
    tried = []

    @settings(PROFILE, max_examples=60)
    @given(st.sampled_from(SOURCES), ANSWERS)
    def check(source: str, answers: dict[str, str]) -> None:
        received, told = read_answers(source, answers)
        refused = find_refused(received, told)
        for name in answers.keys() - set(refused):
            assert received[name] == answers[name]
            assert is_harmless(name, received[name])
        suggested = {name: pre.suggest(name, received[name]) for name in refused}
        assert pre.problems({**received, **suggested}) == []
        assert source == REPLAY or FOLDER.fullmatch(received["project_slug"])
        if ".." not in received["project_slug"]:  # such a slug stops the rendering of the hook
            for hook in HOOKS:
                assert_data(received, hook)
        tried.append(answers)

    check()
    tally("hostile cases", len(tried))


def test_text_is_the_same_in_every_file_that_contains_it(bake: Bake, tally: Tally) -> None:
    env = create_env_with_context({})
    env.loader = FileSystemLoader([SERVICE, ROOT / "templates"])
    package = PLACEHOLDERS["package_name"], "{{cookiecutter.package_name}}"
    placeholders = {PLACEHOLDERS[name] for name in PROSE}
    files = [
        name.replace(*package)
        for name, path in bake(**PLACEHOLDERS).files().items()
        if any(one in path.read_text("utf-8") for one in placeholders)
    ]
    assert {"README.md", "LICENSE"} < set(files)

    def render(name: str, answers: Answers) -> list[str]:
        return extract_text(name, env.get_template(name).render(cookiecutter=answers))

    models = {name: render(name, {**DEFAULTS, **PLACEHOLDERS}) for name in files}
    tried = []

    @settings(PROFILE, max_examples=100)
    @given(ACCEPTED)
    def check(answers: dict[str, str]) -> None:
        whole = {**DEFAULTS, **answers}
        for name in files:
            assert render(name, whole) == [fill_placeholders(part, whole) for part in models[name]]
        tried.append(answers)

    check()
    tally("hostile cases", len(tried))


def test_a_bake_is_refused_or_generated_as_the_hook_decides(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], bake: Bake, tally: Tally
) -> None:
    tried: list[Answers] = []

    @settings(PROFILE, max_examples=10)
    @given(st.sampled_from(SOURCES), ANSWERS | ACCEPTED)
    def check(source: str, answers: dict[str, str]) -> None:
        sandbox = Sandbox(tmp_path / f"sandbox-{len(tried)}", capfd)
        whole = {**DEFAULTS, **answers}
        tried.append(whole)
        source = source if can_supply(source, whole) else CONFIG
        if refused := find_refused(*read_answers(source, whole)):
            assert_refused(sandbox, source, whole, refused)
        else:
            assert_generated(sandbox, source, whole, bake)

    check()
    tally("hostile cases", len(tried))
