"""The table of the README that lists what cookiecutter asks, made from cookiecutter.json."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.environment import ROOT

README = ROOT / "README.md"
MARKED = re.compile(r"(?<=<!-- prompts -->\n).*?(?=<!-- end of prompts -->)", re.DOTALL)


def derivation(name: str, default: str) -> str:
    """Say what a default is derived from, where it is Jinja."""
    source = re.findall(r"cookiecutter\.(\w+)", default)
    return f"from `{source[0]}`" if source else f"`{default}`"


def row(name: str, default: Any, prompt: Any) -> str:
    """Return one line of the table."""
    if isinstance(default, list):
        choices = ", ".join(f"`{choice}`" for choice in default[1:])
        return f"| `{name}` | {prompt['__prompt__']} | `{default[0]}`; or {choices} |"
    return f"| `{name}` | {prompt} | {derivation(name, default)} |"


def table() -> str:
    """Return the table as Markdown."""
    questions = json.loads((ROOT / "cookiecutter.json").read_text("utf-8"))
    prompts = questions.pop("__prompts__")
    rows = [
        row(name, default, prompts[name]) for name, default in questions.items() if name in prompts
    ]
    return "\n".join(["| answer | question | default |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    README.write_text(MARKED.sub(lambda _: table(), README.read_text("utf-8")), "utf-8")
