"""What was measured, as Markdown: on the screen, and in docs/performance.md between two marks."""

from __future__ import annotations

import os
import platform
import re
import statistics
from importlib.metadata import distributions
from pathlib import Path

import bench_plot
from baking import ROOT
from bench_contenders import OTHERS, OWN, Contender
from bench_targets import Figures, ratio, targets

PAGE, PLOT = ROOT / "docs/performance.md", ROOT / "docs/performance.svg"
START, END = "<!-- the last run -->\n", "<!-- end of the last run -->\n"
SHOWN = ("flask", "gunicorn", "redis", "hiredis", "fastapi", "uvicorn", "granian", "waitress")
# Ratios to bare Flask, and absolute figures, by their column.
COLUMNS = {
    "CPU": "CPU at 16",
    "req/s": "requests per second at 16",
    "p50": "p50 at 16",
    "p99": "p99 at 16",
    "req/s at 2": "requests per second at 2",
    "p50 at 300/s": "p50 at 300/s",
    "start": "start",
}
ABSOLUTE = {
    "CPU, µs": ("CPU at 16", "{:.0f}"),
    "req/s": ("requests per second at 16", "{:.0f}"),
    "p50, ms": ("p50 at 16", "{:.1f}"),
    "p99, ms": ("p99 at 16", "{:.0f}"),
    "start, s": ("start", "{:.2f}"),
    "PSS of 1, 2, 4 workers, MB": ("PSS at 1|PSS at 2|PSS at 4", "{:.0f}"),
    "private per worker, MB": ("private at 4", "{:.1f}"),
    "log bytes": ("log bytes at 16", "{:.0f}"),
    "Redis commands, bytes": ("Redis commands at 16|Redis bytes at 16", "{:.0f}"),
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine(redis: str) -> str:
    """Return what was measured on."""
    cpu = re.findall("^model name\\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    folders = [
        str(path) for bin_ in (OWN, OTHERS) for path in bin_.parent.glob("lib/*/site-packages")
    ]
    found = {found.name.lower(): found.version for found in distributions(path=folders)}
    versions = ", ".join(f"{name} {found[name]}" for name in SHOWN if name in found)
    return (
        f"{os.cpu_count()} cores ({cpu[0] if cpu else platform.machine()}), Linux {platform.release()}, "
        f"Python {platform.python_version()}, Valkey {redis}; {versions}."
    )


def compared(figures: Figures, name: str, letter: str) -> str:
    """Return the ratio to bare Flask, where a figure was measured."""
    return str(ratio(figures, name, letter)) if figures[letter][name] else ""


def absolute(figures: Figures, letter: str, names: str, form: str) -> str:
    """Return the medians of some figures."""
    return ", ".join(
        form.format(statistics.median(figures[letter][name])) for name in names.split("|")
    )


def report(
    figures: Figures, found: dict[str, float], contenders: list[Contender], where: str
) -> str:
    """Return the whole report."""
    names = {contender.letter: f"{contender.letter}: {contender.name}" for contender in contenders}
    ratios = [
        [name, *(compared(figures, figure, letter) for figure in COLUMNS.values())]
        for letter, name in names.items()
    ]
    plain = [
        [name, *(absolute(figures, letter, *what) for what in ABSOLUTE.values())]
        for letter, name in names.items()
    ]
    rest = [
        [name, f"{value:,.0f}" if value >= 100 else f"{value:.3g}"] for name, value in found.items()
    ]
    return "\n".join(
        [
            machine(where),
            "",
            "### Targets\n",
            table(
                ["figure", "target", "measured", ""],
                [list(target.row()) for target in targets(figures, found)],
            ),
            "### Ratios to b\n\nThe median of all rounds, and the half of them in the middle; 16 connections "
            "where nothing else is said.\n",
            table(["contender", *COLUMNS], ratios),
            "### Figures\n\nMedians; 16 connections.\n",
            table(["contender", *ABSOLUTE], plain),
            "### Faults, overload and generation\n",
            table(["figure of e", "measured"], rest),
        ]
    )


def write(text: str, figures: Figures, contenders: list[Contender]) -> None:
    """Put the report into its page, and plot it."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    _, mark, after = rest.partition(END)
    assert mark, f"{PAGE} has lost its marks"
    PAGE.write_text(before + START + "\n" + text + "\n" + END + after, "utf-8")
    rows = [(one.name, ratio(figures, "CPU at 16", one.letter)) for one in contenders]
    [ours] = [one.name for one in contenders if one.letter == "e"]
    title = "CPU per request over all processes, compared with bare Flask (1.0)"
    PLOT.write_text(bench_plot.bars(title, rows, ours), "utf-8")
