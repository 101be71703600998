"""Replacements in the files of a project."""

from __future__ import annotations

import re

from tests.support.baking import BakedProject


def replace_once(project: BakedProject, name: str, pattern: str, replacement: str) -> None:
    """Replace the match of a pattern in a file; raises AssertionError unless there is one."""
    text = project.read(name.format(**project.answers))
    text, number = re.subn(pattern, replacement, text, flags=re.MULTILINE)
    assert number == 1, f"{name}: {number} matches of {pattern!r}"
    project.write(name, text)
