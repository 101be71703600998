"""cookiecutter as a program: the project that it generates, and the report of a refusal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.answers.command_line import Run, read_replay, read_tree
from tests.answers.hooks import COMMAND_LINE, pre
from tests.support.environment import ROOT


def test_a_bake_prints_the_next_three_commands(run: Run, out: Path) -> None:
    result = run("cookiecutter", str(ROOT), "--no-input")
    assert (result.returncode, result.stderr) == (0, ""), result
    header, *steps = result.stdout.splitlines()
    assert header == "Created visit-counter. Next:"
    assert [step.split("#")[0].strip() for step in steps] == [
        "cd visit-counter",
        "bin/setup",
        "bin/dev",
    ]
    for script in ("bin/setup", "bin/dev"):
        assert os.access(out / "visit-counter" / script, os.X_OK), script


@pytest.mark.parametrize(("license_", "exists"), [("MIT", True), ("none", False)])
def test_a_chosen_license_has_a_file(license_: str, exists: bool, run: Run, out: Path) -> None:
    result = run("cookiecutter", str(ROOT), "--no-input", f"license={license_}")
    assert result.returncode == 0, result
    assert (out / "visit-counter/LICENSE").exists() is exists


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        pytest.param(
            ["project_slug=../escape"],
            ["project_slug: '../escape' is", "image_repository: 'ghcr.io/example/../escape' is"],
            id="a slug that leaves the folder",
        ),
        pytest.param(
            ["package_name=json"], ["package_name: 'json' is reserved"], id="a reserved package"
        ),
        pytest.param(
            ['project_slug="""+__import__("os").system("touch pwned")+"""'],
            ['project_slug: \'"""+__import__'],
            id="a slug that is Python",
        ),
        pytest.param(
            ["project_name= ", "author_email=me", "image_repository=https://Ghcr.io/a:1"],
            ["project_name: ' ' is blank", "author_email: 'me' is", "image_repository: 'https://"],
            id="three at once",
        ),
    ],
)
def test_a_refusal_names_every_problem_and_leaves_nothing(
    given: list[str], messages: list[str], run: Run, out: Path
) -> None:
    result = run("cookiecutter", str(ROOT), "--no-input", *given)
    assert result.returncode == 1, result
    assert [message for message in messages if message not in result.stderr] == [], result.stderr
    assert len(COMMAND_LINE.findall(result.stderr)) == 1
    assert read_tree(out) == {}
    assert {path.name for path in out.parent.iterdir()} == {"home", "out"}


def test_the_printed_command_continues_with_the_other_answers(run: Run, out: Path) -> None:
    given = {"project_name": 'It\'s "50 %" $HOME', "author_name": "Zoë O'Hara", "license": "none"}
    bad = {"project_slug": "My Shop", "package_name": "class", "description": "two  \x07"}
    words = [f"{name}={value}" for name, value in {**given, **bad}.items()]
    where = str(out.parent / "else where")
    refused = run("cookiecutter", str(ROOT), "--no-input", "--output-dir", where, *words)
    [command] = COMMAND_LINE.findall(refused.stderr)
    result = run("sh", "-c", f"{command} --no-input")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert (out.parent / "else where/my-shop").is_dir()
    fixed = {"project_slug": "my-shop", "package_name": "class_service", "description": "two"}
    image = {"image_repository": "ghcr.io/example/my-shop"}
    assert read_replay(out) == {**pre.DEFAULTS, **given, **fixed, **image}


def test_hostile_text_is_data_in_the_hooks(run: Run, out: Path) -> None:
    text = "\"\"\"''' \\' \\\" %} }} ${HOME} </script> \\"
    result = run("cookiecutter", str(ROOT), "--no-input", f"description={text}")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert read_replay(out)["description"] == text


def test_an_existing_service_survives_a_refusal(run: Run, out: Path) -> None:
    words = ("cookiecutter", str(ROOT), "--no-input", "--overwrite-if-exists")
    run(*words)
    (out / "visit-counter/mine.txt").touch()
    before = read_tree(out)
    refused = run(*words, "author_email=me")
    assert refused.returncode == 1
    assert read_tree(out) == before
    [command] = COMMAND_LINE.findall(refused.stderr)
    result = run("sh", "-c", f"{command} --no-input")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert (out / "visit-counter/mine.txt").exists()


def test_two_bakes_without_network_and_programs_are_identical(run: Run, out: Path) -> None:
    (out.parent / "patch").mkdir()
    (out.parent / "patch/sitecustomize.py").write_text(
        "import sys\n"
        "def audit(event, args):\n"
        "    if event.startswith(('socket.connect', 'socket.getaddrinfo')):\n"
        "        raise OSError(f'no network in a bake: {event} {args}')\n"
        "sys.addaudithook(audit)\n"
    )
    (out.parent / "nothing").mkdir()
    alone = {"PYTHONPATH": str(out.parent / "patch"), "PATH": str(out.parent / "nothing")}
    for folder in ("first", "second"):
        words = ("-m", "cookiecutter", str(ROOT), "--no-input", "-o", folder)
        result = run(sys.executable, *words, **alone)
        assert (result.returncode, result.stderr) == (0, ""), result
    assert read_tree(out / "first") == read_tree(out / "second") != {}
