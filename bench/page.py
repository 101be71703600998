"""docs/performance.md: Markdown tables, and the marks between which they are written."""

from __future__ import annotations

import sys

from tests.support.environment import ROOT

PAGE = ROOT / "docs/performance.md"


def format_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_between(what: str, text: str) -> None:
    """Replace the text between the marks of the last run or profile; exits if they are missing."""
    start, end = f"<!-- the last {what} -->\n", f"<!-- end of the last {what} -->\n"
    before, first, rest = PAGE.read_text("utf-8").partition(start)
    _, last, after = rest.partition(end)
    if not (first and last):
        sys.exit(f"{PAGE}: marks of the last {what} missing; run git checkout -p {PAGE}")
    PAGE.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")
