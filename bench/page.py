"""Pages with measured figures: Markdown tables, and the marks between which they are written."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.environment import ROOT

PERFORMANCE, SCALE = ROOT / "docs/performance.md", ROOT / "docs/scale.md"


def format_table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def write_between(what: str, text: str, page: Path = PERFORMANCE) -> None:
    """Replace the text between the marks of a page, such as those of the last run; exits without them."""
    start, end = f"<!-- the last {what} -->\n", f"<!-- end of the last {what} -->\n"
    before, first, rest = page.read_text("utf-8").partition(start)
    _, last, after = rest.partition(end)
    if not (first and last):
        sys.exit(f"{page}: marks of the last {what} missing; run git checkout -p {page}")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}", "utf-8")
