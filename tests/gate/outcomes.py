"""Outcomes of the gate of a service."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from tests.support.baking import BakedProject

GATE = "tests/factors"
# Its 100,000 requests are sent once, in the gate of a new service.
STORM = "test_instances_are_replaced_under_load_and_no_request_fails"


def read_outcomes(project: BakedProject, *selection: str, status: int) -> dict[str, set[str]]:
    """Run a part of the gate, and return the assertions by what became of them."""
    words = [".venv/bin/python", "-m", "pytest", "-q", *selection, "--junitxml=reports/gate.xml"]
    project.run(*words, status=status, timeout=1800)
    return read_report(project, "reports/gate.xml")


def read_report(project: BakedProject, name: str) -> dict[str, set[str]]:
    """Return the assertions of a report of pytest by what became of them."""
    found: dict[str, set[str]] = {}
    for case in ElementTree.parse(project.path / name).iter("testcase"):  # noqa: S314  # ours
        ids = {one.attrib["value"] for one in case.iterfind("*/property[@name='proves']")}
        ended = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found.setdefault(ended[0] if ended else "proved", set()).update(ids)
    return found


def list_promised(project: BakedProject) -> set[str]:
    """Return the assertions that the gate proves, as docs/twelve-factors.md lists them."""
    rows = r"^\| ([IVX]+\.\d+) \| (?!needs the image)"
    return set(re.findall(rows, project.read("docs/twelve-factors.md"), re.MULTILINE))
