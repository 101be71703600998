"""The hook after generation removes the files of options that were not chosen."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.answers.command_line import Run, commit_template
from tests.answers.hooks import post, read_questions

WEB, WORKER = (f"deploy/kubernetes/base/{name}.yaml" for name in ("web", "worker"))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a small project with three options, and change to its folder."""
    for path in ("LICENSE", WEB, WORKER, "shop/worker.py", "README.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    options = {
        "license": {"MIT": ["LICENSE"], "none": []},
        "kubernetes": {"yes": ["deploy/kubernetes", WEB], "no": []},
        "worker": {"yes": ["{package_name}/worker.py", WORKER], "no": []},
    }
    monkeypatch.setattr(post, "KEPT", options)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path.parent))
    return tmp_path


def choose(monkeypatch: pytest.MonkeyPatch, **chosen: str) -> None:
    """Set the answers of the hook; the default of each option keeps its files."""
    answers = {"license": "MIT", "kubernetes": "yes", "worker": "yes", "package_name": "shop"}
    monkeypatch.setattr(post, "ANSWERS", json.dumps({**answers, **chosen}))


@pytest.mark.parametrize("is_reversed", [False, True], ids=["folder first", "file first"])
@pytest.mark.parametrize(
    ("chosen", "gone"),
    [
        pytest.param({}, set(), id="all chosen"),
        pytest.param({"license": "none"}, {"LICENSE"}, id="a file"),
        pytest.param({"worker": "no"}, {"shop/worker.py", WORKER}, id="a file of the package"),
        pytest.param({"kubernetes": "no"}, {WEB, WORKER}, id="a folder"),
        pytest.param(
            {"kubernetes": "no", "worker": "no"},
            {WEB, WORKER, "shop/worker.py"},
            id="a folder and a file in it",
        ),
    ],
)
def test_only_files_of_other_choices_are_removed(
    chosen: dict[str, str],
    gone: set[str],
    is_reversed: bool,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = post.find_dropped
    monkeypatch.setattr(post, "find_dropped", lambda one: sorted(find(one), reverse=is_reversed))
    before = {path for path in tree.rglob("*") if path.is_file()}
    choose(monkeypatch, **chosen)
    assert post.main() == 0
    assert before - {path for path in tree.rglob("*") if path.is_file()} == {tree / p for p in gone}


def test_a_path_that_the_template_lacks_is_an_error(
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
    questions = read_questions()
    assert {name: set(values) for name, values in post.KEPT.items()} == {
        name: set(questions[name]) for name in post.KEPT
    }


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('cd visit-counter && exec "$0" "$@"', id="in the service"),
        pytest.param('exec "$0" "$@" --project-dir visit-counter', id="elsewhere"),
    ],
)
def test_updates_and_comparisons_with_cruft_print_no_next_step(
    script: str, run: Run, out: Path
) -> None:
    cruft = str(Path(sys.executable).with_name("cruft"))
    created = run(cruft, "create", "--no-input", str(commit_template(out.parent / "template")))
    assert created.stdout.startswith("Created visit-counter. Next:"), created
    given = json.dumps({"author_email": "ann@example.org"})
    for words in (["diff"], ["update", "--skip-apply-ask", "--variables-to-update", given]):
        result = run("sh", "-c", script, cruft, *words)
        assert (result.returncode, "Created" in result.stdout) == (0, False), result
    assert "ann@example.org" in (out / "visit-counter/README.md").read_text("utf-8")
