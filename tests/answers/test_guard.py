"""The guard in cookiecutter.json is the compiled templates/guard.jinja; a stale one is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.answers import guard
from tests.answers.hooks import read_questions

PROGRAM = Path(guard.__file__)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Return a folder with copies of the script, the source and cookiecutter.json."""
    for path in (PROGRAM, guard.SOURCE, guard.QUESTIONS):
        copy = tmp_path / path.relative_to(guard.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


def run(template: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the copy."""
    script = str(template / "tests/answers/guard.py")
    return subprocess.run(
        [sys.executable, script, *options], capture_output=True, text=True, check=False
    )


def test_the_guard_is_compiled_from_its_source() -> None:
    assert guard.is_current()


def test_a_compiled_source_has_one_line_without_comments() -> None:
    source = (
        "{# A reason. #}\n{% if x %}\n    {% set y = [\n        'a b',\n    ] %}\n{% endif %}\n"
    )
    assert guard.compile_guard(source) == "{% if x %}{% set y = [ 'a b', ] %}{% endif %}"


def test_the_guard_knows_the_last_question() -> None:
    *_, last = (name for name in read_questions() if not name.startswith("__"))
    [name] = re.findall(r"'(\w+)' in cookiecutter", guard.SOURCE.read_text("utf-8"))
    assert name == last


def test_a_changed_source_is_refused_until_it_is_compiled(template: Path) -> None:
    source = template / "templates/guard.jinja"
    source.write_text(source.read_text("utf-8").replace("40", "41"))
    refused = run(template)
    message = "cookiecutter.json: __guard differs from templates/guard.jinja; run bin/lint --fix\n"
    assert (refused.returncode, refused.stderr) == (1, message)
    assert run(template, "--fix").returncode == run(template).returncode == 0
    before = guard.QUESTIONS.read_text("utf-8")
    after = (template / "cookiecutter.json").read_text("utf-8")
    assert after == before.replace("40", "41", 1).replace("length=40) }}', ", "length=41) }}', ")
    assert json.loads(after).keys() == json.loads(before).keys()


def test_an_entry_before_the_guard_is_refused(template: Path) -> None:
    questions = template / "cookiecutter.json"
    questions.write_text(questions.read_text("utf-8").replace("{", '{\n  "first": "x",', 1))
    assert run(template).returncode == 1
