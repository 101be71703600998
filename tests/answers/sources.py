"""Sources of answers: the command line, a configuration file, a replay file and the Python API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]  # has no types
from cookiecutter.cli import validate_extra_context
from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

from tests.support.environment import ROOT

COMMAND, CONFIG, REPLAY, API = SOURCES = ("command", "config", "replay", "api")
QUESTIONS = str(ROOT / "cookiecutter.json")

Answers = Mapping[str, Any]


class HookInput(NamedTuple):
    """Answers that a hook receives, and those that were given."""

    answers: dict[str, Any]
    given: dict[str, Any]


def format_words(answers: Answers) -> list[str]:
    """Return answers as words of the command line."""
    return [f"{name}={text}" for name, text in answers.items()]


def format_config(answers: Answers, **settings: str) -> str:
    """Return answers as a configuration file (YAML)."""
    return str(yaml.safe_dump({**settings, "default_context": dict(answers)}))


def format_replay(answers: Answers) -> str:
    """Return the defaults, overridden by answers, as a replay file (JSON)."""
    return json.dumps({"cookiecutter": {**render_defaults(), **answers}})


def render(config: Answers, extra: Answers) -> HookInput:
    """Return the answers that cookiecutter renders before it creates the project folder."""
    context = generate_context(QUESTIONS, default_context=config, extra_context=extra)
    given = {name: text for name, text in context["cookiecutter"].items() if name[0] != "_"}
    return HookInput(dict(prompt_for_config(context, no_input=True)), given)


@cache
def render_defaults() -> Answers:
    """Return the default answers."""
    return render({}, {}).answers


def read_answers(source: str, answers: Answers) -> HookInput:
    """Return the input of the hooks for answers from a source."""
    if source == REPLAY:
        replayed = json.loads(format_replay(answers))["cookiecutter"]
        given = {name: text for name, text in replayed.items() if name[0] != "_"}
        return HookInput(replayed, given)
    if source == CONFIG:
        return render(yaml.safe_load(format_config(answers))["default_context"], {})
    words = format_words(answers)
    extra = validate_extra_context(None, None, words) if source == COMMAND else answers
    return render({}, extra)


def can_supply(source: str, answers: Answers) -> bool:
    """Return True if a source can supply the answers, and a hook receives them."""
    if source == COMMAND:
        return not any("\0" in text for text in answers.values())
    # cookiecutter creates the folder of a replay file, or finds it, before a hook can refuse it.
    slug = answers.get("project_slug", "shop")
    is_path = len(slug) > 40 or slug in ("", ".", "..", ".git") or set("/\\\0") & set(slug)
    return source != REPLAY or not is_path
