"""Answers that cookiecutter drops without a word are refused, however they were given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.answers.assertions import DEFAULTS
from tests.answers.bakes import run_cookiecutter
from tests.answers.command_line import Run, commit_template
from tests.answers.hooks import COMMAND_LINE
from tests.answers.sandbox import Sandbox
from tests.answers.sources import CONFIG, SOURCES, format_config
from tests.support.environment import ROOT
from tests.support.fixtures import Tally

CRUFT = str(Path(sys.executable).with_name("cruft"))
BAKE = ("cookiecutter", str(ROOT), "--no-input")
REFUSAL = "licence: 'none' answers no question; use 'license=none'"


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ({"licence": "none"}, {"licence": "'none' answers no question"}),
        ({"motto": "Come in."}, {"motto": "'Come in.' answers no question"}),
        (
            {"Project_Name": "A", "author_email": "me"},
            {
                "Project_Name": "'A' answers no question",
                "author_email": "'me' is not an address such as team@example.com",
            },
        ),
    ],
    ids=["a misspelt name", "an unknown name", "among others"],
)
def test_an_answer_to_no_question_is_refused(
    source: str, answers: dict[str, Any], problems: dict[str, str], sandbox: Sandbox, tally: Tally
) -> None:
    before = sandbox.snapshot()
    assert run_cookiecutter(sandbox, source, answers).read_refusals() == problems
    assert sandbox.snapshot() == before
    tally("hostile cases")


def test_a_choice_that_is_not_offered_is_refused_and_the_rest_of_its_file_kept(
    sandbox: Sandbox,
) -> None:
    answers = {"author_name": "Ann", "license": "GPL", "project_slug": "shop", "python_version": 3}
    with pytest.warns(UserWarning, match="GPL provided for choice variable license"):
        result = run_cookiecutter(sandbox, CONFIG, answers)
    assert list(result.read_refusals()) == ["license", "python_version"]
    [command] = COMMAND_LINE.findall(result.output)
    # cookiecutter drops all entries after the first one that it does not accept.
    assert " --default-config " in command
    for words in ("author_name=Ann", "project_slug=shop", "package_name=shop", "license=MIT"):
        assert f" {words} " in command


def test_the_printed_command_has_the_correct_name(run: Run, out: Path) -> None:
    refused = run(*BAKE, "licence=none")
    assert refused.stderr.startswith(f"{REFUSAL}\n\nNothing was generated."), refused
    [command] = COMMAND_LINE.findall(refused.stderr)
    assert "--default-config" not in command
    assert run("sh", "-c", f"{command} --no-input").returncode == 0
    assert not (out / "visit-counter/LICENSE").exists()


def test_a_misspelt_answer_is_removed_if_the_correct_one_was_given(run: Run) -> None:
    refused = run(*BAKE, "licence=none", "license=Apache-2.0")
    assert refused.stderr.startswith("licence: 'none' answers no question; remove it\n")
    assert " license=Apache-2.0 " in refused.stderr


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param({"full_name": "Ann", "email": "a@example.org", "github": "a"}, 0, id="others"),
        pytest.param({"licence": "none"}, 1, id="misspelt"),
        pytest.param({"license": "GPL"}, 1, id="not offered"),
    ],
)
def test_the_configuration_of_a_person_may_answer_questions_of_other_templates(
    answers: dict[str, str], status: int, run: Run, out: Path
) -> None:
    config = out.parent / "config.yaml"
    config.write_text(format_config(answers, replay_dir=str(out.parent / "replay")))
    result = run(*BAKE, COOKIECUTTER_CONFIG=str(config))
    assert result.returncode == status, result
    [replay] = (out.parent / "replay").iterdir()
    assert ("Ann" in replay.read_text("utf-8")) is False
    if status:
        [command] = COMMAND_LINE.findall(result.stderr)
        again = run("sh", "-c", f"{command} --no-input", COOKIECUTTER_CONFIG=str(config))
        assert again.returncode == 0, again


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--extra-context", json.dumps({"licence": "none"})),
        ("--config-file", format_config({"licence": "none"})),
    ],
)
def test_cruft_creates_nothing_with_an_answer_to_no_question(
    option: str, text: str, run: Run, out: Path
) -> None:
    template = str(commit_template(out.parent / "template"))
    (out.parent / "config.yaml").write_text(text)
    value = str(out.parent / "config.yaml") if option == "--config-file" else text
    result = run(CRUFT, "create", "--no-input", template, option, value)
    assert result.returncode, result
    assert result.stderr.startswith(f"{REFUSAL}\n\nNothing was generated."), result
    assert list(out.iterdir()) == []


def test_cruft_updates_with_saved_answers_of_an_earlier_version_and_no_new_ones(
    run: Run, out: Path
) -> None:
    created = run(CRUFT, "create", "-y", str(commit_template(out.parent / "template")))
    assert created.returncode == 0, created
    file = out / "visit-counter/.cruft.json"
    state = json.loads(file.read_text("utf-8"))
    assert "__dropped" not in state["context"]["cookiecutter"]
    state["context"]["cookiecutter"]["dialect"] = "of an earlier version"
    file.write_text(json.dumps(state))
    update = (CRUFT, "update", "-y", "--project-dir", "visit-counter", "--variables-to-update")
    refused = run(*update, json.dumps({"licence": "none"}))
    assert refused.returncode, refused
    assert refused.stderr.startswith(f"{REFUSAL}\n\nNothing was generated."), refused
    assert 'cruft update --variables-to-update \'{"license": "none"}\'' in refused.stderr
    accepted = run(*update, json.dumps({"license": "none"}))
    assert accepted.returncode == 0, accepted
    assert not (out / "visit-counter/LICENSE").exists()


# Existing folders


def test_an_existing_folder_is_refused_with_the_ways_on(run: Run, out: Path) -> None:
    assert run(*BAKE).returncode == 0
    refused = run(*BAKE)
    remedy = "run rm -r visit-counter, or choose another project_slug"
    assert refused.stderr == f"visit-counter: exists already; {remedy}\n"
    assert refused.returncode == 1
    (out / "visit-counter/.cruft.json").touch()
    template = str(commit_template(out.parent / "template"))
    remedy = "run cruft update --project-dir visit-counter, or choose another project_slug"
    for words in (BAKE, (CRUFT, "create", "-y", template)):
        assert f"visit-counter: exists already; {remedy}\n" in run(*words).stderr
    assert "exists already" not in run(*BAKE, "--overwrite-if-exists").stderr


def test_another_folder_is_named_in_the_words_of_a_shell(run: Run, out: Path) -> None:
    (out / "my shops/visit-counter").mkdir(parents=True)
    refused = run(*BAKE, "--output-dir", "my shops")
    assert "run rm -r 'my shops/visit-counter', or choose" in refused.stderr
    assert DEFAULTS["project_slug"] == "visit-counter"
