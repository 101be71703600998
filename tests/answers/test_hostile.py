"""No answer does anything but become text or be refused, whatever it says and however it comes."""

from __future__ import annotations

import subprocess
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.answers.attacks import ATTACKS, PROSE, Attack
from tests.answers.channels import API, COMMAND, CONFIG, REPLAY, arrival
from tests.answers.endings import PLAIN, TEXTS, enters_as_data, generates, refuses
from tests.answers.hooks import COMMAND as COMMANDS
from tests.answers.hooks import judged, pre
from tests.answers.machine import HOOKS, Machine, fits
from tests.support.fixtures import Bake, Tally

pytestmark = pytest.mark.usefixtures("home")

# A program takes longer to start than a function, so it has its turn less often.
TURNS = (COMMAND, CONFIG, REPLAY, API, CONFIG, REPLAY, API)
# What only prose may hold takes three at a time; the rest is tried on all that may hold it.
FREE = [attack for attack in ATTACKS if attack.accepted == PROSE]
THREES = [
    dict(zip(PROSE, three, strict=True))
    for three in zip_longest(FREE[::3], FREE[1::3], FREE[2::3], fillvalue=FREE[0])
]
NAMED = [attack for attack in ATTACKS if attack.accepted not in (PROSE, ())]
TEXT = {", ".join(a.id for a in three.values()): three for three in THREES} | {
    attack.id: dict.fromkeys(attack.accepted, attack) for attack in NAMED
}


def in_turn(cases: dict[str, dict[str, Attack]]) -> list[Any]:
    """Return attacks on answers, each with one of the channels that can bring it, and some choices."""
    params = []
    for number, (case, attacks) in enumerate(cases.items()):
        answers = {name: attack.text for name, attack in attacks.items()}
        turn = [TURNS[(number + later) % len(TURNS)] for later in range(len(TURNS))]
        channel = next(channel for channel in turn if fits(answers, channel))
        choices = {name: all_[number % len(all_)] for name, all_ in pre.CHOICES.items()}
        whole = {**PLAIN, **choices, **answers}
        params.append(pytest.param(channel, whole, id=f"{case}, {channel}"))
    return params


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_every_answer_is_held_to_the_same_rules_on_every_channel(
    attack: Attack, tally: Tally
) -> None:
    for channel in (COMMAND, CONFIG, REPLAY):
        answers, given = arrival(channel, {**PLAIN, **dict.fromkeys(TEXTS, attack.text)})
        refused = [name for name in TEXTS if name not in attack.accepted]
        assert judged(answers, given) == refused, channel
        for name in TEXTS:
            alone = {**PLAIN, name: answers[name]}, {**PLAIN, name: given[name]}
            assert judged(*alone) == [name] * (name in refused)
            assert name in refused or answers[name] == attack.text
    tally("hostile cases", 3 * len(TEXTS) + 3)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.stem)
def test_an_attack_enters_a_hook_as_data(hook: Path, tally: Tally) -> None:
    for attack in ATTACKS:
        # A slug that leads out of its folder would stop the hook before.
        enters_as_data({**PLAIN, **dict.fromkeys(TEXTS, attack.text), "project_slug": "shop"}, hook)
    tally("hostile cases", len(ATTACKS))


@pytest.mark.parametrize(
    ("channel", "answers"),
    in_turn({attack.id: dict.fromkeys(TEXTS, attack) for attack in ATTACKS}),
)
def test_an_attack_on_every_answer_is_refused_and_all_of_it_named(
    channel: str, answers: dict[str, str], machine: Machine, tally: Tally
) -> None:
    [attack] = [attack for attack in ATTACKS if attack.text == answers["description"]]
    refuses(machine, channel, answers, [name for name in TEXTS if name not in attack.accepted])
    tally("hostile cases")


@pytest.mark.parametrize(("channel", "answers"), in_turn(TEXT))
def test_an_attack_that_is_only_text_reads_back_exactly(
    channel: str, answers: dict[str, str], machine: Machine, bake: Bake, tally: Tally
) -> None:
    generates(machine, channel, answers, bake)
    tally("hostile cases")


def test_the_command_that_goes_on_hands_the_other_answers_to_a_shell(
    tmp_path: Path, tally: Tally
) -> None:
    for attack in ATTACKS:
        answers = {**PLAIN, **dict.fromkeys(attack.accepted, attack.text), "package_name": "class"}
        told = {**answers, "_template": "gh:org/template", "_output_dir": str(tmp_path)}
        [command] = COMMANDS.findall(pre.report(told, pre.problems(answers)))
        shell = f"cookiecutter() {{ printf '%s\\0' \"$@\"; }}; {command}"
        said = subprocess.run(["sh", "-c", shell], capture_output=True, check=True, cwd=tmp_path)
        words = said.stdout.decode().split("\0")[:-1]
        again = arrival(COMMAND, dict(word.split("=", 1) for word in words if "=" in word)).answers
        assert {name: again[name] for name in PLAIN} == {**answers, "package_name": "class_service"}
    tally("hostile cases", len(ATTACKS))


def test_what_is_kept_of_a_service_is_text_when_it_comes_back(tally: Tally) -> None:
    programs = [attack for attack in ATTACKS if set("{/.") & set(attack.text)]
    for attack in programs:
        first = arrival(API, {**PLAIN, **dict.fromkeys(TEXTS, attack.text)}).answers
        # cruft gives all answers again when it updates, also the entry of the guard.
        again = arrival(API, {**first, "project_slug": attack.text}).answers
        assert again == first
        assert first["__guard"] == {"": ""}
    tally("hostile cases", len(programs))
