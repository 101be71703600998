"""The channels through which answers reach cookiecutter."""

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

COMMAND, CONFIG, REPLAY, API = CHANNELS = ("command", "config", "replay", "api")
QUESTIONS = str(ROOT / "cookiecutter.json")

Answers = Mapping[str, Any]


class Arrival(NamedTuple):
    """Hold the answers as the hook gets them, and what it is told was given."""

    answers: dict[str, Any]
    given: dict[str, Any]


def words(answers: Answers) -> list[str]:
    """Write answers for the command line."""
    return [f"{name}={text}" for name, text in answers.items()]


def config(answers: Answers, **settings: str) -> str:
    """Write answers for a configuration file."""
    return str(yaml.safe_dump({**settings, "default_context": dict(answers)}))


def replay(answers: Answers) -> str:
    """Write answers over those that cookiecutter wrote down, as an editor does."""
    return json.dumps({"cookiecutter": {**defaults(), **answers}})


def asked(config: Answers, extra: Answers) -> Arrival:
    """Return what cookiecutter makes of answers before it makes the folder of the project."""
    context = generate_context(QUESTIONS, default_context=config, extra_context=extra)
    given = {name: text for name, text in context["cookiecutter"].items() if name[0] != "_"}
    return Arrival(dict(prompt_for_config(context, no_input=True)), given)


@cache
def defaults() -> Answers:
    """Return the answers of someone who has none."""
    return asked({}, {}).answers


def arrival(channel: str, answers: Answers) -> Arrival:
    """Return what cookiecutter makes of answers that come through a channel."""
    if channel == REPLAY:
        kept = json.loads(replay(answers))["cookiecutter"]
        return Arrival(kept, {name: text for name, text in kept.items() if name[0] != "_"})
    if channel == CONFIG:
        return asked(yaml.safe_load(config(answers))["default_context"], {})
    extra = validate_extra_context(None, None, words(answers)) if channel == COMMAND else answers
    return asked({}, extra)
