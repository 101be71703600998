"""Each attack is refused or becomes text, in every answer and from every source."""

from __future__ import annotations

import subprocess
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.answers.assertions import (
    DEFAULTS,
    TEXT_ANSWERS,
    assert_data,
    assert_generated,
    assert_refused,
)
from tests.answers.attacks import ATTACKS, PROSE, Attack
from tests.answers.hooks import COMMAND_LINE, find_refused, pre
from tests.answers.sandbox import HOOKS, Sandbox
from tests.answers.sources import API, COMMAND, CONFIG, REPLAY, can_supply, read_answers
from tests.support.fixtures import Bake, Tally

pytestmark = pytest.mark.usefixtures("home")

# A program starts more slowly than a function, so the command line has fewer turns.
TURNS = (COMMAND, CONFIG, REPLAY, API, CONFIG, REPLAY, API)
# Three attacks that all prose accepts share a bake; each of the others is in all answers that accept it.
IN_PROSE = [attack for attack in ATTACKS if attack.accepted == PROSE]
IN_OTHERS = [attack for attack in ATTACKS if attack.accepted not in (PROSE, ())]
THREES = [
    dict(zip(PROSE, three, strict=True))
    for three in zip_longest(IN_PROSE[::3], IN_PROSE[1::3], IN_PROSE[2::3], fillvalue=IN_PROSE[0])
]
TEXT = {", ".join(one.id for one in three.values()): three for three in THREES} | {
    attack.id: dict.fromkeys(attack.accepted, attack) for attack in IN_OTHERS
}


def attack_all(text: str, **others: str) -> dict[str, str]:
    """Return the defaults with a text in every text answer, except others."""
    return {**DEFAULTS, **dict.fromkeys(TEXT_ANSWERS, text), **others}


def assign_sources(cases: dict[str, dict[str, Attack]]) -> list[Any]:
    """Return parameters: a source that can supply the attacks, and all answers, for each case."""
    params = []
    for number, (case, attacks) in enumerate(cases.items()):
        answers = {name: attack.text for name, attack in attacks.items()}
        turns = [TURNS[(number + later) % len(TURNS)] for later in range(len(TURNS))]
        source = next(source for source in turns if can_supply(source, answers))
        choices = {name: all_[number % len(all_)] for name, all_ in pre.CHOICES.items()}
        whole = {**DEFAULTS, **choices, **answers}
        params.append(pytest.param(source, whole, id=f"{case}, {source}"))
    return params


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_an_answer_meets_the_same_rules_from_every_source(attack: Attack, tally: Tally) -> None:
    for source in (COMMAND, CONFIG, REPLAY):
        answers, given = read_answers(source, attack_all(attack.text))
        refused = [name for name in TEXT_ANSWERS if name not in attack.accepted]
        assert find_refused(answers, given) == refused, source
        for name in TEXT_ANSWERS:
            alone = {**DEFAULTS, name: answers[name]}, {**DEFAULTS, name: given[name]}
            assert find_refused(*alone) == [name] * (name in refused)
            assert name in refused or answers[name] == attack.text
    tally("hostile cases", 3 * len(TEXT_ANSWERS) + 3)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.stem)
def test_an_attack_is_data_in_a_hook(hook: Path, tally: Tally) -> None:
    for attack in ATTACKS:
        # A slug that leads out of its folder stops the hook earlier.
        assert_data(attack_all(attack.text, project_slug="shop"), hook)
    tally("hostile cases", len(ATTACKS))


@pytest.mark.parametrize(
    ("source", "answers"),
    assign_sources({attack.id: dict.fromkeys(TEXT_ANSWERS, attack) for attack in ATTACKS}),
)
def test_an_attack_on_all_answers_is_refused_and_each_answer_named(
    source: str, answers: dict[str, str], sandbox: Sandbox, tally: Tally
) -> None:
    [attack] = [attack for attack in ATTACKS if attack.text == answers["description"]]
    refused = [name for name in TEXT_ANSWERS if name not in attack.accepted]
    assert_refused(sandbox, source, answers, refused)
    tally("hostile cases")


@pytest.mark.parametrize(("source", "answers"), assign_sources(TEXT))
def test_an_accepted_attack_is_text_in_the_project(
    source: str, answers: dict[str, str], sandbox: Sandbox, bake: Bake, tally: Tally
) -> None:
    assert_generated(sandbox, source, answers, bake)
    tally("hostile cases")


def test_the_printed_command_quotes_the_answers_for_a_shell(tmp_path: Path, tally: Tally) -> None:
    for attack in ATTACKS:
        given = dict.fromkeys(attack.accepted, attack.text)
        answers = {**DEFAULTS, **given, "package_name": "class"}
        reported = {**answers, "_template": "gh:org/template", "_output_dir": str(tmp_path)}
        [command] = COMMAND_LINE.findall(pre.report(reported, pre.problems(answers)))
        script = f"cookiecutter() {{ printf '%s\\0' \"$@\"; }}; {command}"
        printed = subprocess.run(
            ["sh", "-c", script], capture_output=True, check=True, cwd=tmp_path
        ).stdout
        words = printed.decode().split("\0")[:-1]
        repeated = dict(word.split("=", 1) for word in words if "=" in word)
        found = read_answers(COMMAND, repeated).answers
        expected = {**answers, "package_name": "class_service"}
        assert {name: found[name] for name in DEFAULTS} == expected
    tally("hostile cases", len(ATTACKS))


def test_recorded_answers_are_text_in_an_update(tally: Tally) -> None:
    programs = [attack for attack in ATTACKS if set("{/.") & set(attack.text)]
    for attack in programs:
        first = read_answers(API, attack_all(attack.text)).answers
        # cruft gives all answers again in an update, and the entry of the guard with them.
        again = read_answers(API, {**first, "project_slug": attack.text}).answers
        assert again == first
        assert first["__guard"] == {"": ""}
    tally("hostile cases", len(programs))
