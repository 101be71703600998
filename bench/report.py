"""Write the measured figures as Markdown, between marks of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import statistics
from importlib.metadata import distributions
from pathlib import Path

from bench.contender import OTHERS, OWN, Contender
from bench.page import format_table, write_between
from bench.plot import plot_bars
from bench.targets import Figures, compute_ratio, list_targets
from tests.support.environment import ROOT

PLOT = ROOT / "docs/performance.svg"
INPUTS = (ROOT / "requirements/bench.in").read_text("utf-8")
SHOWN = [*re.findall("^[a-z][a-z-]*", INPUTS, re.MULTILINE), "hiredis", "rq"]
# Columns of the two tables of contenders: title and figure (figures joined by |, and their format).
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


def describe_machine(redis: str) -> str:
    """Return one line with the machine, the kernel and the versions."""
    cpu = re.findall("^model name\\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    folders = [
        str(path) for bin_ in (OWN, OTHERS) for path in bin_.parent.glob("lib/*/site-packages")
    ]
    found = {
        found.name.lower().replace("_", "-"): found.version for found in distributions(path=folders)
    }
    versions = ", ".join(f"{name} {found[name]}" for name in SHOWN if name in found)
    return (
        f"{os.cpu_count()} cores ({cpu[0] if cpu else platform.machine()}), Linux {platform.release()}, "
        f"Python {platform.python_version()}, Valkey {redis}; {versions}."
    )


def format_ratio(figures: Figures, name: str, letter: str) -> str:
    """Return the ratio to bare Flask; empty if the figure was not measured."""
    return str(compute_ratio(figures, name, letter)) if figures[letter][name] else ""


def format_medians(figures: Figures, letter: str, names: str, form: str) -> str:
    """Return the medians of figures joined by |, in a format."""
    return ", ".join(
        form.format(statistics.median(figures[letter][name])) for name in names.split("|")
    )


def format_report(
    figures: Figures, found: dict[str, float], contenders: list[Contender], where: str
) -> str:
    """Return the report as Markdown."""
    names = {contender.letter: f"{contender.letter}: {contender.name}" for contender in contenders}
    ratios = [
        [name, *(format_ratio(figures, figure, letter) for figure in COLUMNS.values())]
        for letter, name in names.items()
    ]
    plain = [
        [name, *(format_medians(figures, letter, *what) for what in ABSOLUTE.values())]
        for letter, name in names.items()
    ]
    rest = [
        [name, f"{value:,.0f}" if value >= 100 else f"{value:.3g}"] for name, value in found.items()
    ]
    return "\n".join(
        [
            describe_machine(where),
            "",
            "### Targets\n",
            format_table(
                ["figure", "target", "measured", ""],
                [list(target.row()) for target in list_targets(figures, found)],
            ),
            "### Ratios to b\n\nMedian of all rounds, quartiles in parentheses; 16 connections "
            "unless stated.\n",
            format_table(["contender", *COLUMNS], ratios),
            "### Figures\n\nMedians; 16 connections.\n",
            format_table(["contender", *ABSOLUTE], plain),
            "### Faults, overload and generation\n",
            format_table(["figure of e", "measured"], rest),
        ]
    )


def write(text: str, figures: Figures, contenders: list[Contender]) -> None:
    """Write the report and the plot of the CPU per request to docs/."""
    write_between("run", text)
    rows = [(one.name, compute_ratio(figures, "CPU at 16", one.letter)) for one in contenders]
    [ours] = [one.name for one in contenders if one.letter == "e"]
    title = "CPU per request over all processes, compared with bare Flask (1.0)"
    PLOT.write_text(plot_bars(title, rows, ours), "utf-8")
