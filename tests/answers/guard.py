"""The first entry of cookiecutter.json, compiled from templates/guard.jinja."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "templates/guard.jinja"
QUESTIONS = ROOT / "cookiecutter.json"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
BETWEEN_TAGS = re.compile(r"(?<=[%}]\}) (?=\{[%{])")
# The key of the entry has a line of its own.
ENTRY = re.compile(r'(?<="__guard": \{\n    )".*"(?=:\n)')


def compile_guard(source: str) -> str:
    """Return the source on one line, without comments and indentation."""
    return BETWEEN_TAGS.sub("", " ".join(COMMENT.sub("", source).split()))


def is_current() -> bool:
    """Return True if cookiecutter.json starts with the compiled guard."""
    questions = json.loads(QUESTIONS.read_text("utf-8"))
    first, entry = next(iter(questions.items()))
    return first == "__guard" and list(entry) == [compile_guard(SOURCE.read_text("utf-8"))]


def write() -> None:
    """Replace the guard in cookiecutter.json."""
    guard = json.dumps(compile_guard(SOURCE.read_text("utf-8")))
    text = QUESTIONS.read_text("utf-8")
    QUESTIONS.write_text(ENTRY.sub(lambda _: guard, text), "utf-8")


def main(options: list[str]) -> int:
    """Return 0 if the guard is current, else 1; --fix writes it first."""
    if "--fix" in options:
        write()
    if is_current():
        return 0
    print(
        "cookiecutter.json: __guard differs from templates/guard.jinja; run bin/lint --fix",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
