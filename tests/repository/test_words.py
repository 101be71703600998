"""The words of bin/test are the markers of pyproject.toml."""

from __future__ import annotations

import re
import tomllib

from tests.support.environment import ROOT

SCRIPT = (ROOT / "bin/test").read_text("utf-8")


def find_markers() -> list[str]:
    """Return the markers of pyproject.toml, sorted."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    markers = config["tool"]["pytest"]["ini_options"]["markers"]
    return sorted(marker.partition(":")[0] for marker in markers)


def test_each_marker_is_a_word_of_the_script() -> None:
    words = " | ".join(re.findall(r"^    ([a-z |]+)\)$", SCRIPT, re.MULTILINE)).split(" | ")
    assert sorted(words) == find_markers()


def test_a_run_without_a_word_leaves_out_every_marker() -> None:
    [words] = re.findall(r'-m "not \((.*)\)"', SCRIPT)
    assert sorted(words.split(" or ")) == find_markers()


def test_the_usage_lists_each_marker() -> None:
    usage = re.findall(r"^#   bin/test ([a-z]+) ", SCRIPT, re.MULTILINE)
    assert sorted(usage) == find_markers()
