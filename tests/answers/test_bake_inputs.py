"""A replay file, a configuration file and a template in git give the same service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.answers.command_line import Run, commit_template, read_replay, read_tree
from tests.answers.hooks import COMMAND_LINE, pre
from tests.support.environment import ROOT


def test_a_replay_repeats_the_service(run: Run, out: Path) -> None:
    run("cookiecutter", str(ROOT), "--no-input", "project_name=Book Shop")
    (out / "book-shop").rename(out.parent / "first")
    result = run("cookiecutter", str(ROOT), "--replay")
    assert result.returncode == 0, result
    assert read_tree(out / "book-shop") == read_tree(out.parent / "first")


def test_a_replay_file_is_validated(run: Run, out: Path) -> None:
    replay = out.parent / "replay.json"
    invalid = {"license": "GPL-3.0", "python_version": 3.14, "author_name": None}
    replay.write_text(json.dumps({"cookiecutter": {**pre.DEFAULTS, **invalid}}))
    result = run("cookiecutter", str(ROOT), "--replay-file", str(replay))
    assert result.returncode == 1, result
    for words in ("license: 'GPL-3.0' is", "python_version: 3.14 is", "author_name: None is"):
        assert words in result.stderr
    assert read_tree(out) == {}


@pytest.mark.parametrize(
    ("email", "status"), [("ann@example.org", 0), pytest.param("ann", 1, id="bad")]
)
def test_a_configuration_file_is_validated(email: str, status: int, run: Run, out: Path) -> None:
    config = out.parent / "config.yaml"
    home = out.parent / "home/.cookiecutter_replay"
    config.write_text(f"replay_dir: {home}\ndefault_context:\n  author_email: {email}\n")
    result = run("cookiecutter", str(ROOT), "--no-input", "--config-file", str(config))
    assert result.returncode == status, result
    assert read_replay(out)["author_email"] == email
    assert ("author_email: 'ann' is" in result.stderr) is bool(status)


def test_a_template_from_git_gives_the_same_service(run: Run, out: Path) -> None:
    run("cookiecutter", str(ROOT), "--no-input")
    (out / "visit-counter").rename(out.parent / "local")
    url = commit_template(out.parent / "template").as_uri()
    result = run("cookiecutter", url, "--checkout", "v1", "--no-input")
    assert result.returncode == 0, result
    # git stores no mode bits but the executable bit.
    local = read_tree(out.parent / "local", mode=0o100)
    assert read_tree(out / "visit-counter", mode=0o100) == local
    refused = run("cookiecutter", url, "--checkout", "v1", "--no-input", "project_slug=No")
    [command] = COMMAND_LINE.findall(refused.stderr)
    assert command.startswith(f"cookiecutter {url} --checkout v1 'project_name=Visit Counter' ")
