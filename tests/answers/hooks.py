"""The hooks as modules, and the questions of cookiecutter.json."""

from __future__ import annotations

import importlib.util
import json
import re
from types import ModuleType
from typing import Any

from cookiecutter.generate import generate_context
from cookiecutter.prompt import prompt_for_config

from tests.support.environment import ROOT

COMMAND = re.compile(r"^  (cookiecutter .*)$", re.MULTILINE)


def load(hook: str) -> ModuleType:
    """Import a hook as it is written, before cookiecutter renders it."""
    spec = importlib.util.spec_from_file_location(hook, ROOT / "hooks" / f"{hook}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pre, post = load("pre_gen_project"), load("post_gen_project")


def asked() -> dict[str, Any]:
    """Return cookiecutter.json."""
    questions: dict[str, Any] = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    return {name: asked for name, asked in questions.items() if name != "__guard"}


def derived(**given: str) -> dict[str, Any]:
    """Return all answers as cookiecutter derives them from those given."""
    context = generate_context(str(ROOT / "cookiecutter.json"), extra_context=given)
    answers = prompt_for_config(context, no_input=True)
    return {name: answer for name, answer in answers.items() if not name.startswith("__")}


def judged(answers: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """Return the answers that the hook refuses."""
    changed = pre.find_changed(answers, given)
    return [problem.answer for problem in pre.problems(answers, changed)]
