"""The table of questions in the README, generated from cookiecutter.json."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.environment import ROOT

README = ROOT / "README.md"
MARKED = re.compile(r"(?<=<!-- prompts -->\n).*?(?=<!-- end of prompts -->)", re.DOTALL)


def format_default(default: str) -> str:
    """Return a default, or the answer from which Jinja derives it."""
    source = re.findall(r"cookiecutter\.(\w+)", default)
    return f"from `{source[0]}`" if source else f"`{default}`"


def format_row(name: str, default: Any, prompt: Any) -> str:
    """Return a row of the table."""
    if isinstance(default, list):
        choices = ", ".join(f"`{choice}`" for choice in default[1:])
        return f"| `{name}` | {prompt['__prompt__']} | `{default[0]}`; or {choices} |"
    return f"| `{name}` | {prompt} | {format_default(default)} |"


def format_table() -> str:
    """Return the table as Markdown."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    prompts = questions.pop("__prompts__")
    rows = [
        format_row(name, default, prompts[name])
        for name, default in questions.items()
        if name in prompts
    ]
    return "\n".join(["| answer | question | default |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    README.write_text(MARKED.sub(lambda _: format_table(), README.read_text("utf-8")), "utf-8")
