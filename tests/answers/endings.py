"""The two ways in which a bake may end, and the way into the hooks, where an answer must stay data."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from cookiecutter.utils import create_env_with_context

from tests.answers.channels import Answers
from tests.answers.hooks import pre
from tests.answers.machine import HOOKS, Machine
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.support.reading import scars, unreadable
from tests.support.texts import STANDINS, page, seen, with_answers

PLAIN = pre.DEFAULTS
TEXTS = [name for name in pre.RULES if name not in pre.CHOICES]


def refuses(
    machine: Machine, channel: str, answers: Answers, named: list[str], overwrite: bool = False
) -> None:
    """Bake, and find the answers named that cannot be used, and nothing changed."""
    before = machine.state()
    ending = machine.bake(channel, answers, overwrite)
    # A template has no other end of a line than LF.
    given = {name: answers[name] for name in named}
    texts = {
        name: re.sub("\r\n?", "\n", value) if isinstance(value, str) else value
        for name, value in given.items()
    }
    refused = ending.refused()
    assert list(refused) == named
    assert [
        name for name in named if not refused[name].startswith(f"{pre.shown(texts[name])} ")
    ] == []
    assert machine.state() == before
    assert machine.hooks() == HOOKS[:1]


def generates(
    machine: Machine, channel: str, answers: Answers, bake: Bake, overwrite: bool = False
) -> BakedProject:
    """Bake, and find every answer in all of its places, and nothing changed around the project."""
    before = machine.state()
    ending = machine.bake(channel, answers, overwrite)
    assert ending.error == "", ending
    project = machine.project(answers["project_slug"])
    inside = f"work/{project.path.name}/"
    around = [
        {name: state for name, state in states.items() if not f"{name}/".startswith(inside)}
        for states in (before, machine.state())
    ]
    assert around[0] == around[1]
    assert machine.hooks() == sorted(HOOKS)
    assert {name: project.answers[name] for name in answers} == answers
    own = {name.removeprefix(inside) for name in before}
    assert reads_back(project, bake) - own == project.files().keys() - own
    return project


def reads_back(project: BakedProject, bake: Bake) -> set[str]:
    """Hold a project against one with stand-ins for the answers, and return the names of its files."""
    choices = {name: project.answers[name] for name in pre.CHOICES}
    model = bake(**STANDINS, **choices).files()
    names = {with_answers(name, project.answers): path for name, path in model.items()}
    for name, like in names.items():
        path = project.path / name
        assert broken(name, path) == []
        expected = [with_answers(part, project.answers) for part in saying(like)]
        assert saying(path) == expected, name
    frame = page(project)
    shown = {"project_name": frame.title, "description": frame.description}
    assert shown == {name: project.answers[name] for name in shown}
    return set(names)


def broken(name: str, path: Path) -> list[str]:
    """Return what is wrong with a file, in which an answer may look like a trace of the template."""
    text = path.read_bytes().decode("utf-8")
    return [*scars(name, text), *unreadable(name, text)]


def saying(path: Path) -> list[str]:
    """Return what a file says."""
    return seen(path.name, path.read_text("utf-8"))


def enters_as_data(answers: Answers, hook: Path) -> None:
    """Render a hook, and find the answers in it as data, and every other statement as it was."""
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
