"""What holds for every set of answers that can be thought of: found by search, not by experience."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from tempfile import gettempdir

import pytest
from cookiecutter.utils import create_env_with_context
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from jinja2 import FileSystemLoader

from tests.answers.attacks import ATTACKS, PROSE
from tests.answers.channels import CHANNELS, CONFIG, REPLAY, Answers, arrival
from tests.answers.endings import PLAIN, TEXTS, enters_as_data, generates, refuses
from tests.answers.hooks import judged, pre
from tests.answers.machine import HOOKS, Machine, fits
from tests.support.environment import ROOT, SERVICE
from tests.support.fixtures import Bake, Tally
from tests.support.texts import STANDINS, seen, with_answers

pytestmark = pytest.mark.usefixtures("home")

# What hypothesis keeps belongs to no repository.
set_hypothesis_home_dir(Path(gettempdir(), "hypothesis"))
# An explanation of a failure takes longer than all the rest.
PHASES = set(Phase) - {Phase.explain}
thorough = settings(database=None, deadline=None, derandomize=True, phases=PHASES, print_blob=True)
# The folder that cookiecutter makes: never a path.
FOLDER = re.compile(r"\.refused|[a-z0-9-]{1,40}")

MARKS = "*_`~[]()<>{}#&|\\-+=.!%$\"'/: a1"
FRAGMENTS = (
    st.sampled_from([attack.text for attack in ATTACKS])
    | st.text(max_size=9)
    | st.text(MARKS, max_size=9)
)
HOSTILE = st.lists(FRAGMENTS, min_size=1, max_size=3).map("".join)
CHOSEN = {name: st.sampled_from(choices) for name, choices in pre.CHOICES.items()}
ANSWERS = st.fixed_dictionaries(
    {name: st.just(PLAIN[name]) | HOSTILE for name in TEXTS} | CHOSEN,
)
# What becomes of a text when the hook makes it acceptable: awkward, and not to be refused.
AWKWARD = HOSTILE.map(lambda text: pre.to_line(text)[:100].strip()).filter(
    lambda text: not pre.find_problem("project_name", text)
)
TALES = st.fixed_dictionaries(dict.fromkeys(PROSE, AWKWARD))


def harmless(name: str, text: str) -> bool:
    """Return True if an answer suits the files that hold it, judged without the hook."""
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


def test_any_answers_are_contained_and_judged_and_enter_the_hooks_as_data(tally: Tally) -> None:
    tried = []

    @settings(thorough, max_examples=60)
    @given(st.sampled_from(CHANNELS), ANSWERS)
    def check(channel: str, answers: dict[str, str]) -> None:
        arrived, told = arrival(channel, answers)
        refused = judged(arrived, told)
        for name in answers.keys() - set(refused):
            assert arrived[name] == answers[name]
            assert harmless(name, arrived[name])
        better = {name: pre.suggest(name, arrived[name]) for name in refused}
        assert pre.problems({**arrived, **better}) == []
        assert channel == REPLAY or FOLDER.fullmatch(arrived["project_slug"])
        if ".." not in arrived["project_slug"]:  # or the hook would not be rendered
            for hook in HOOKS:
                enters_as_data(arrived, hook)
        tried.append(answers)

    check()
    tally("hostile cases", len(tried))


def test_any_text_reads_back_from_every_file_that_holds_it(bake: Bake, tally: Tally) -> None:
    env = create_env_with_context({})
    env.loader = FileSystemLoader([SERVICE, ROOT / "templates"])
    package = STANDINS["package_name"], "{{cookiecutter.package_name}}"
    standins = {STANDINS[name] for name in PROSE}
    files = [
        name.replace(*package)
        for name, path in bake(**STANDINS).files().items()
        if any(standin in path.read_text("utf-8") for standin in standins)
    ]
    assert {"README.md", "LICENSE"} < set(files)

    def drawn(name: str, answers: Answers) -> list[str]:
        return seen(name, env.get_template(name).render(cookiecutter=answers))

    models = {name: drawn(name, {**PLAIN, **STANDINS}) for name in files}
    tried = []

    @settings(thorough, max_examples=100)
    @given(TALES)
    def check(answers: dict[str, str]) -> None:
        whole = {**PLAIN, **answers}
        for name in files:
            assert drawn(name, whole) == [with_answers(part, whole) for part in models[name]]
        tried.append(answers)

    check()
    tally("hostile cases", len(tried))


def test_any_answers_end_as_the_hook_says(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], bake: Bake, tally: Tally
) -> None:
    tried: list[Answers] = []

    @settings(thorough, max_examples=10)
    @given(st.sampled_from(CHANNELS), ANSWERS | TALES)
    def check(channel: str, answers: dict[str, str]) -> None:
        machine = Machine(tmp_path / f"machine-{len(tried)}", capfd)
        whole = {**PLAIN, **answers}
        tried.append(whole)
        channel = channel if fits(whole, channel) else CONFIG
        if named := judged(*arrival(channel, whole)):
            refuses(machine, channel, whole, named)
        else:
            generates(machine, channel, whole, bake)

    check()
    tally("hostile cases", len(tried))
