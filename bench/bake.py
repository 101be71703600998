"""Time to generate a service, compared with a template that has one file."""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path

from bench.contender import bake
from tests.support.environment import ROOT

ROUNDS = 5


def measure_bake(folder: Path) -> dict[str, float]:
    """Return the median bake time (seconds) and its ratio to an empty template, run in turns."""
    empty = folder / "empty"
    (empty / "{{cookiecutter.name}}").mkdir(parents=True)
    (empty / "cookiecutter.json").write_text('{"name": "empty"}')
    (empty / "{{cookiecutter.name}}/README.md").write_text("{{cookiecutter.name}}\n")
    times: dict[str, list[float]] = {"ours": [], "empty": []}
    for number, (name, template) in itertools.product(
        range(ROUNDS), (("ours", ROOT), ("empty", empty))
    ):
        began = time.perf_counter()
        bake(template, folder / f"{name}-{number}")
        times[name].append(time.perf_counter() - began)
    ratios = [ours / none for ours, none in zip(times["ours"], times["empty"], strict=True)]
    return {
        "bake, s": statistics.median(times["ours"]),
        "bake, ratio to an empty template": statistics.median(ratios),
    }
