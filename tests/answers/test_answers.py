"""Prove that every answer becomes a service or a refusal that says how to go on."""

from __future__ import annotations

import json
import keyword
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.answers.answers import ACCEPTED, AWKWARD_NAMES, REFUSED
from tests.answers.hooks import COMMAND, asked, derived, post, pre
from tests.support.environment import ROOT, SERVICE

# The defaults


def test_the_hook_knows_the_questions_the_choices_and_the_defaults() -> None:
    questions = asked()
    prompts = questions.pop("__prompts__")
    choices = {name: tuple(value) for name, value in questions.items() if isinstance(value, list)}
    assert list(questions) == list(pre.RULES) == list(prompts)
    assert choices == pre.CHOICES
    assert {name: set(prompts[name]) - {"__prompt__"} for name in choices} == {
        name: set(values) for name, values in choices.items()
    }
    assert derived() == pre.DEFAULTS
    assert pre.problems(pre.DEFAULTS) == []


def suggested(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers with the suggestions of the hook, each answer refused at most once."""
    problems = pre.problems(answers)
    suggestions = {problem.answer: problem.suggestion for problem in problems}
    assert len(suggestions) == len(problems)
    return {**answers, **suggestions}


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_whatever_is_derived_from_a_name_is_accepted_or_has_an_accepted_suggestion(
    name: str,
) -> None:
    assert pre.problems(suggested(derived(project_name=name))) == []


@pytest.mark.parametrize("slug", ["../escape", "", "Tests", "flask", "con", "3-d", "-", "a/b"])
def test_whatever_is_derived_from_a_slug_is_accepted_or_has_an_accepted_suggestion(
    slug: str,
) -> None:
    assert pre.problems(suggested(derived(project_slug=slug))) == []


def test_a_name_of_letters_and_spaces_needs_no_suggestion() -> None:
    assert pre.problems(derived(project_name="Café Crème Shop")) == []


def test_a_reserved_package_is_refused_and_its_suggestion_accepted() -> None:
    names = {*sys.stdlib_module_names, *keyword.kwlist, *keyword.softkwlist, *pre.RESERVED}
    refused = {name: pre.find_problem("package_name", name) for name in names}
    assert [name for name, problem in refused.items() if not problem] == []
    suggestions = {name: pre.suggest("package_name", name) for name in names}
    assert [name for name in names if pre.find_problem("package_name", suggestions[name])] == []


def test_no_package_can_hide_what_the_service_is_made_of() -> None:
    files = [path.name.lower().removesuffix(".py") for path in SERVICE.iterdir()]
    locks = [SERVICE / "requirements.txt", SERVICE / "requirements-dev.txt"]
    pins = "".join(lock.read_text("utf-8") for lock in locks if lock.exists())
    locked = {name.replace("_", "-") for name in re.findall(r"(?m)^([\w.-]+)==", pins.lower())}
    imports = {
        name
        for name, packages in packages_distributions().items()
        if {package.lower().replace("_", "-") for package in packages} & locked
    }
    names = {*files, *locked, *imports, "docs"}
    taken = {name.replace("-", "_").lower() for name in names if "." not in name}
    possible = {name for name in taken if re.fullmatch("[a-z][a-z0-9_]*", name)}
    assert possible - pre.RESERVED == set()


# The rules


@pytest.mark.parametrize(("answer", "value"), ACCEPTED)
def test_a_sensible_answer_is_accepted(answer: str, value: str) -> None:
    assert pre.problems({**pre.DEFAULTS, answer: value}) == []


@pytest.mark.parametrize(("answer", "value", "expected"), REFUSED)
def test_a_bad_answer_is_refused_and_its_suggestion_accepted(
    answer: str, value: object, expected: str
) -> None:
    [problem] = pre.problems({**pre.DEFAULTS, answer: value})
    assert problem.answer == answer
    assert expected == problem.text
    assert pre.problems({**pre.DEFAULTS, answer: problem.suggestion}) == []


@pytest.mark.parametrize(
    ("answer", "value", "suggestion"),
    [
        pytest.param("project_name", " Visit\u202e\nShop ", "Visit Shop", id="hidden characters"),
        pytest.param("project_slug", "../Crème Brûlée!", "creme-brulee", id="path"),
        pytest.param("project_slug", "2048", "app-2048", id="number"),
        pytest.param("package_name", "3-D", "app_3_d", id="digit first"),
        pytest.param("package_name", "json", "json_service", id="reserved"),
        pytest.param("author_email", "Ann <ann@example.org>", "ann@example.org", id="display name"),
        pytest.param("license", " MIT", "MIT", id="padded choice"),
        pytest.param("image_repository", "https://ghcr.io/A/b:1", "ghcr.io/a/b", id="scheme, tag"),
        pytest.param("image_repository", "reg:5000/a@sha256:0", "reg:5000/a", id="digest"),
    ],
)
def test_the_suggestion_is_near_the_answer(answer: str, value: str, suggestion: str) -> None:
    assert pre.suggest(answer, value) == suggestion


# The report


def test_a_missing_answer_is_a_problem() -> None:
    assert [problem.answer for problem in pre.problems({})] == list(pre.RULES)


def test_a_value_is_shown_short_and_escaped() -> None:
    answers = {**pre.DEFAULTS, "_template": "t", "_output_dir": "o"}
    answers |= {"description": "\x1b[2J\u202e" + "x" * 900}
    text = pre.report(answers, pre.problems(answers)).partition("cookiecutter t")[0]
    assert "description: '\\x1b[2J\\u202exxx" in text
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("value", ["{{ 7*7 }}", "{% raw %}", "{# #}", "{{{%", "{{{{#{", "a { b }"])
def test_the_command_gives_values_that_render_to_themselves(value: str) -> None:
    assert derived(description=pre.literal(value))["description"] == value


@pytest.mark.parametrize(
    ("answers", "start"),
    [
        pytest.param({}, "cookiecutter gh:org/template project_name=", id="where the user is"),
        pytest.param(
            {"_checkout": "v1", "_output_dir": "/srv"},
            "cookiecutter gh:org/template --checkout v1 --output-dir /srv project_name=",
            id="elsewhere",
        ),
    ],
)
def test_the_command_repeats_template_checkout_and_place(
    answers: dict[str, str], start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PWD", str(tmp_path))
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "new")
    answers = {"_template": "gh:org/template", "_output_dir": str(tmp_path), **answers}
    assert " ".join(pre.command({**pre.DEFAULTS, **answers}, [])).startswith(start)


def test_whoever_uses_cruft_goes_on_with_cruft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {**pre.DEFAULTS, "_template": "gh:org/template", "author_name": ""}
    monkeypatch.setenv("PWD", str(tmp_path))
    *words, given = pre.command(answers, pre.problems(answers))
    assert words == ["cruft", "create", "gh:org/template", "--extra-context"]
    assert json.loads(given) == pre.DEFAULTS
    (tmp_path / ".cruft.json").touch()
    *words, given = pre.command(answers, pre.problems(answers))
    assert words == ["cruft", "update", "--variables-to-update"]
    assert json.loads(given) == {"author_name": "Platform Team"}


# Dropping what was not chosen


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a small generated project with two options and go there."""
    for path in ("LICENSE", "deploy/kubernetes/base/web.yaml", "shop/worker.py", "README.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    kept = {
        "license": {"MIT": ["LICENSE"], "none": []},
        "kubernetes": {"yes": ["deploy/kubernetes", "deploy/kubernetes/base/web.yaml"], "no": []},
        "worker": {"yes": ["{package_name}/worker.py"], "no": []},
    }
    monkeypatch.setattr(post, "KEPT", kept)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path.parent))
    return tmp_path


def choose(monkeypatch: pytest.MonkeyPatch, **chosen: str) -> None:
    """Give the hook its answers as cookiecutter does."""
    answers = {"license": "MIT", "kubernetes": "yes", "worker": "yes", "package_name": "shop"}
    monkeypatch.setattr(post, "ANSWERS", json.dumps({**answers, **chosen}))


@pytest.mark.parametrize(
    ("chosen", "gone"),
    [
        pytest.param({}, set(), id="all chosen"),
        pytest.param({"license": "none"}, {"LICENSE"}, id="a file"),
        pytest.param({"worker": "no"}, {"shop/worker.py"}, id="a file of the package"),
        pytest.param({"kubernetes": "no"}, {"deploy/kubernetes/base/web.yaml"}, id="a folder"),
    ],
)
def test_only_the_files_of_what_was_not_chosen_are_dropped(
    chosen: dict[str, str], gone: set[str], tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path for path in tree.rglob("*") if path.is_file()}
    choose(monkeypatch, **chosen)
    assert post.main() == 0
    assert before - {path for path in tree.rglob("*") if path.is_file()} == {tree / p for p in gone}


def test_a_path_the_template_does_not_have_is_an_error(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tree / "LICENSE").unlink()
    choose(monkeypatch, worker="no")
    assert post.main() == 1
    assert capsys.readouterr().err == (
        "KEPT: the template has no LICENSE; correct hooks/post_gen_project.py\n"
    )
    assert (tree / "shop/worker.py").exists()


def test_every_option_with_files_knows_every_choice() -> None:
    questions = asked()
    assert {name: set(values) for name, values in post.KEPT.items()} == {
        name: set(questions[name]) for name in post.KEPT
    }


@pytest.mark.usefixtures("tree")
def test_nothing_is_said_when_cruft_renders_for_an_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.cruft.json").touch()
    monkeypatch.setenv("PWD", str(tmp_path / "mine"))
    choose(monkeypatch)
    assert post.main() == 0
    assert capsys.readouterr().out == ""


# The real cookiecutter

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Make the folder where a user calls cookiecutter."""
    (tmp_path / "home/bin").mkdir(parents=True)
    shim = tmp_path / "home/bin/cookiecutter"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cookiecutter "$@"\n')
    shim.chmod(0o755)
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
def run(out: Path) -> Run:
    """Return a function that runs a command as a user whose home folder is empty."""
    home = out.parent / "home"
    env = {key: value for key, value in os.environ.items() if not key.startswith("COOKIECUTTER")}
    env |= {"HOME": str(home), "PATH": f"{home}/bin:{env['PATH']}", "PWD": str(out)}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "PYTHONIOENCODING": "utf-8"}

    def run(*words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=out, env={**env, **extra}, capture_output=True, encoding="utf-8", check=False
        )

    return run


def remembered(out: Path, template: Path = ROOT) -> dict[str, Any]:
    """Return the answers that cookiecutter wrote down in its replay file."""
    replay = out.parent / "home/.cookiecutter_replay" / f"{template.name}.json"
    answers: dict[str, Any] = json.loads(replay.read_text("utf-8"))["cookiecutter"]
    return {name: answers[name] for name in pre.RULES}


def contents(folder: Path, mode: int = 0o7777) -> dict[str, tuple[int, bytes]]:
    """Return the bits of the mode and the bytes of every file and folder below."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode & mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def template(folder: Path) -> Path:
    """Copy the parts that cookiecutter reads into a new git repository."""
    folder.mkdir()
    shutil.copy(ROOT / "cookiecutter.json", folder)
    skip = shutil.ignore_patterns("__pycache__")
    for part in ("hooks", "templates", SERVICE.name):
        shutil.copytree(ROOT / part, folder / part, ignore=skip, symlinks=True)
    git = ["git", "-C", str(folder), "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for words in (["init", "-q"], ["add", "-fA"], ["commit", "-qm", "All"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True)
    return folder


def test_a_bake_says_in_three_commands_what_comes_next(run: Run, out: Path) -> None:
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


@pytest.mark.parametrize(("license_", "kept"), [("MIT", True), ("none", False)])
def test_the_license_file_is_there_when_a_license_was_chosen(
    license_: str, kept: bool, run: Run, out: Path
) -> None:
    result = run("cookiecutter", str(ROOT), "--no-input", f"license={license_}")
    assert result.returncode == 0, result
    assert (out / "visit-counter/LICENSE").exists() is kept


@pytest.mark.parametrize(
    ("given", "said"),
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
    given: list[str], said: list[str], run: Run, out: Path
) -> None:
    result = run("cookiecutter", str(ROOT), "--no-input", *given)
    assert result.returncode == 1, result
    assert [words for words in said if words not in result.stderr] == [], result.stderr
    assert len(COMMAND.findall(result.stderr)) == 1
    assert contents(out) == {}
    assert {path.name for path in out.parent.iterdir()} == {"home", "out"}


def test_the_printed_command_goes_on_with_the_other_answers(run: Run, out: Path) -> None:
    given = {"project_name": 'It\'s "50 %" $HOME', "author_name": "Zoë O'Hara", "license": "none"}
    bad = {"project_slug": "My Shop", "package_name": "class", "description": "two  \x07"}
    words = [f"{name}={value}" for name, value in {**given, **bad}.items()]
    where = str(out.parent / "else where")
    refused = run("cookiecutter", str(ROOT), "--no-input", "--output-dir", where, *words)
    [command] = COMMAND.findall(refused.stderr)
    result = run("sh", "-c", f"{command} --no-input")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert (out.parent / "else where/my-shop").is_dir()
    fixed = {"project_slug": "my-shop", "package_name": "class_service", "description": "two"}
    image = {"image_repository": "ghcr.io/example/my-shop"}
    assert remembered(out) == {**pre.DEFAULTS, **given, **fixed, **image}


def test_hostile_text_reaches_the_hooks_as_data(run: Run, out: Path) -> None:
    text = "\"\"\"''' \\' \\\" %} }} ${HOME} </script> \\"
    result = run("cookiecutter", str(ROOT), "--no-input", f"description={text}")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert remembered(out)["description"] == text


def test_a_replay_repeats_the_service(run: Run, out: Path) -> None:
    run("cookiecutter", str(ROOT), "--no-input", "project_name=Book Shop")
    (out / "book-shop").rename(out.parent / "first")
    result = run("cookiecutter", str(ROOT), "--replay")
    assert result.returncode == 0, result
    assert contents(out / "book-shop") == contents(out.parent / "first")


def test_a_replay_file_cannot_smuggle_in_what_is_not_offered(run: Run, out: Path) -> None:
    replay = out.parent / "replay.json"
    smuggled = {"license": "GPL-3.0", "python_version": 3.14, "author_name": None}
    replay.write_text(json.dumps({"cookiecutter": {**pre.DEFAULTS, **smuggled}}))
    result = run("cookiecutter", str(ROOT), "--replay-file", str(replay))
    assert result.returncode == 1, result
    for words in ("license: 'GPL-3.0' is", "python_version: 3.14 is", "author_name: None is"):
        assert words in result.stderr
    assert contents(out) == {}


@pytest.mark.parametrize(
    ("email", "status"), [("ann@example.org", 0), pytest.param("ann", 1, id="bad")]
)
def test_a_config_file_is_held_to_the_same_rules(
    email: str, status: int, run: Run, out: Path
) -> None:
    config = out.parent / "config.yaml"
    home = out.parent / "home/.cookiecutter_replay"
    config.write_text(f"replay_dir: {home}\ndefault_context:\n  author_email: {email}\n")
    result = run("cookiecutter", str(ROOT), "--no-input", "--config-file", str(config))
    assert result.returncode == status, result
    assert remembered(out)["author_email"] == email
    assert ("author_email: 'ann' is" in result.stderr) is bool(status)


def test_a_template_from_git_gives_the_same_service(run: Run, out: Path) -> None:
    run("cookiecutter", str(ROOT), "--no-input")
    (out / "visit-counter").rename(out.parent / "local")
    url = template(out.parent / "template").as_uri()
    result = run("cookiecutter", url, "--checkout", "v1", "--no-input")
    assert result.returncode == 0, result
    # git keeps no more of a mode than whether its owner may execute the file.
    local = contents(out.parent / "local", mode=0o100)
    assert contents(out / "visit-counter", mode=0o100) == local
    refused = run("cookiecutter", url, "--checkout", "v1", "--no-input", "project_slug=No")
    [command] = COMMAND.findall(refused.stderr)
    assert command.startswith(f"cookiecutter {url} --checkout v1 'project_name=Visit Counter' ")


def test_an_existing_service_survives_a_refusal(run: Run, out: Path) -> None:
    words = ("cookiecutter", str(ROOT), "--no-input", "--overwrite-if-exists")
    run(*words)
    (out / "visit-counter/mine.txt").touch()
    before = contents(out)
    refused = run(*words, "author_email=me")
    assert refused.returncode == 1
    assert contents(out) == before
    [command] = COMMAND.findall(refused.stderr)
    result = run("sh", "-c", f"{command} --no-input")
    assert (result.returncode, result.stderr) == (0, ""), result
    assert (out / "visit-counter/mine.txt").exists()


def test_two_bakes_are_identical_and_need_neither_network_nor_programs(run: Run, out: Path) -> None:
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
    assert contents(out / "first") == contents(out / "second") != {}
