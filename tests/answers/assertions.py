"""Assertions on a bake: it is refused without a trace, or every answer is text in the project."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from cookiecutter.utils import create_env_with_context

from tests.answers.bakes import run_cookiecutter
from tests.answers.hooks import pre
from tests.answers.sandbox import HOOKS, Sandbox
from tests.answers.sources import Answers
from tests.support.baking import BakedProject
from tests.support.defects import find_syntax_errors, find_whitespace
from tests.support.fixtures import Bake
from tests.support.rendered_text import PLACEHOLDERS, extract_text, fill_placeholders, read_page

DEFAULTS = pre.DEFAULTS
TEXT_ANSWERS = [name for name in pre.RULES if name not in pre.CHOICES]


def assert_refused(
    sandbox: Sandbox, source: str, answers: Answers, names: list[str], overwrite: bool = False
) -> None:
    """Bake, and assert that exactly the named answers are refused and no file changed."""
    before = sandbox.snapshot()
    result = run_cookiecutter(sandbox, source, answers, overwrite)
    # Jinja turns every line break of a template into LF.
    values = {
        name: re.sub("\r\n?", "\n", answers[name])
        if isinstance(answers[name], str)
        else answers[name]
        for name in names
    }
    refusals = result.read_refusals()
    assert list(refusals) == names
    shown = {name: f"{pre.shown(value)} " for name, value in values.items()}
    assert [name for name in names if not refusals[name].startswith(shown[name])] == []
    assert sandbox.snapshot() == before
    assert sandbox.find_hooks() == HOOKS[:1]


def assert_generated(
    sandbox: Sandbox, source: str, answers: Answers, bake: Bake, overwrite: bool = False
) -> BakedProject:
    """Bake, and assert that each answer is in all of its places and only the project changed."""
    before = sandbox.snapshot()
    result = run_cookiecutter(sandbox, source, answers, overwrite)
    assert result.error == "", result
    project = sandbox.open_project(answers["project_slug"])
    inside = f"work/{project.path.name}/"
    outside = [
        {name: entry for name, entry in entries.items() if not f"{name}/".startswith(inside)}
        for entries in (before, sandbox.snapshot())
    ]
    assert outside[0] == outside[1]
    assert sandbox.find_hooks() == sorted(HOOKS)
    assert {name: project.answers[name] for name in answers} == answers
    own = {name.removeprefix(inside) for name in before}
    assert compare_with_placeholders(project, bake) - own == project.files().keys() - own
    return project


def compare_with_placeholders(project: BakedProject, bake: Bake) -> set[str]:
    """Compare a project with one that has placeholders for answers; return the compared files."""
    choices = {name: project.answers[name] for name in pre.CHOICES}
    model = bake(**PLACEHOLDERS, **choices).files()
    names = {fill_placeholders(name, project.answers): path for name, path in model.items()}
    for name, like in names.items():
        path = project.path / name
        text = path.read_bytes().decode("utf-8")
        # Traces of Jinja are no defect here: an answer may contain them.
        assert [*find_whitespace(name, text), *find_syntax_errors(name, text)] == []
        parts = extract_text(like.name, like.read_text("utf-8"))
        expected = [fill_placeholders(part, project.answers) for part in parts]
        assert extract_text(path.name, path.read_text("utf-8")) == expected, name
    page = read_page(project)
    shown = {"project_name": page.title, "description": page.description}
    assert shown == {name: project.answers[name] for name in shown}
    return set(names)


def assert_data(answers: Answers, hook: Path) -> None:
    """Render a hook, and assert that answers change its data and no other statement."""
    context = {"cookiecutter": answers, "_cookiecutter": {}}
    text = hook.read_text("utf-8")
    script = create_env_with_context(context).from_string(text).render(**context)
    statements = zip(ast.parse(text).body, ast.parse(script).body, strict=True)
    changed = [after for before, after in statements if ast.dump(before) != ast.dump(after)]
    assigned = {
        ast.unparse(node.targets[0]): node for node in changed if isinstance(node, ast.Assign)
    }
    assert len(assigned) == len(changed)
    assert assigned.keys() - {"GIVEN"} == {"ANSWERS"}
    assert json.loads(ast.literal_eval(assigned["ANSWERS"].value)) == answers
