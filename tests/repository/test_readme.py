"""The questions, links and commands of the README exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.repository.prompts import MARKED, README, format_table
from tests.support.environment import ROOT

PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_table_of_questions_is_current() -> None:
    assert MARKED.findall(README.read_text("utf-8")) == [format_table()], "bin/lint --fix writes it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_link_of_a_page_has_a_target(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_each_command_of_the_readme_exists() -> None:
    service = ROOT / "{{cookiecutter.project_slug}}"
    named = set(re.findall(r"\bbin/\w+", README.read_text("utf-8")))
    assert named
    assert [
        name for name in named if not ((ROOT / name).exists() or (service / name).exists())
    ] == []


@pytest.mark.parametrize("folder", ["docs"])
def test_each_page_of_a_folder_is_linked(folder: str) -> None:
    text = README.read_text("utf-8")
    assert [
        page.name for page in (ROOT / folder).glob("*.md") if f"{folder}/{page.name}" not in text
    ] == []
