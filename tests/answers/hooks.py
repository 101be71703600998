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

# The command that a refusal prints
COMMAND_LINE = re.compile(r"^  (cookiecutter .*)$", re.MULTILINE)


def import_hook(name: str) -> ModuleType:
    """Import a hook in the form before cookiecutter renders it."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "hooks" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pre, post = import_hook("pre_gen_project"), import_hook("post_gen_project")


def read_questions() -> dict[str, Any]:
    """Return cookiecutter.json without the guard."""
    questions: dict[str, Any] = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    return {name: question for name, question in questions.items() if name != "__guard"}


def derive_answers(**given: str) -> dict[str, Any]:
    """Return all answers; cookiecutter derives those that are not given."""
    context = generate_context(str(ROOT / "cookiecutter.json"), extra_context=given)
    answers = prompt_for_config(context, no_input=True)
    return {name: answer for name, answer in answers.items() if not name.startswith("__")}


def find_refused(answers: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """Return the names of the answers that the hook refuses."""
    changed = pre.find_changed(answers, given)
    return [problem.answer for problem in pre.problems(answers, changed)]
