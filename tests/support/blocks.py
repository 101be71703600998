"""Fenced blocks of a document, followed as a reader follows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from tests.support.baking import BakedProject

BLOCK = re.compile(
    r"(?P<before>(?:[^\n]+\n)*)\n?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)
COMMANDS, SESSION, EDIT = "sh", "console", "diff"


class Block(NamedTuple):
    """Fenced block: its kind, the file that it is about, and its text."""

    kind: str
    path: str | None
    text: str


def read_blocks(project: BakedProject, name: str, heading: str = "") -> list[Block]:
    """Return the blocks of a document, or of one of its sections; raises KeyError."""
    text = project.read(name)
    _, *parts = HEADING.split(text)
    sections = dict(zip(parts[::2], parts[1::2], strict=True)) | {"": text}
    return [
        Block(one["kind"], find_file(one["before"]), one["text"])
        for one in BLOCK.finditer(sections[heading])
    ]


def find_file(paragraph: str) -> str | None:
    """Return the file that the sentence before a block names, if there is one."""
    sentence = re.split(r"[.;] ", paragraph.replace("\n", " "))[-1].strip()
    found = re.search(r"`([\w./-]+\.\w+)`", sentence)
    return found[1] if found and sentence.endswith(":") else None


def follow(project: BakedProject, block: Block, **environ: Any) -> None:
    """Run the commands of a block, or write, extend or edit its file; raises AssertionError."""
    if block.kind == COMMANDS:
        project.run("sh", "-euc", block.text, timeout=1800, **environ)
        return
    assert block.path, f"no file is named before\n{block.text}"
    file = project.path / block.path
    if block.kind == EDIT:
        edit(file, block.text)
    else:
        with file.open("a", encoding="utf-8") as appended:
            appended.write(block.text)


def edit(file: Path, diff: str) -> None:
    """Replace the lines of a diff that stay or go, which occur once, by those that stay or come."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] or line for line in lines if not line.startswith("+"))
    after = "".join(line[1:] or line for line in lines if not line.startswith("-"))
    text = file.read_text("utf-8")
    assert text.count(before) == 1, f"{file.name}: {text.count(before)} matches of\n{before}"
    file.write_text(text.replace(before, after), "utf-8")
