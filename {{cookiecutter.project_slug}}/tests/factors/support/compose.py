"""Services of compose.yaml, as written there."""

import re
from typing import Any

import yaml

from tests.support.service import ROOT


def read_services() -> dict[str, Any]:
    """Return every service of compose.yaml, with merged anchors; raises YAMLError."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return services


def read_seconds(duration: str) -> float:
    """Return a duration of compose, such as 30s or 1m30s, in seconds."""
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    parts = re.findall(r"([0-9.]+)(ms|[hms])", duration)
    return sum(float(number) * units[unit] for number, unit in parts)


def list_process_types() -> dict[str, Any]:
    """Return the services that bin/run replaces: those with the label `release`."""
    return {name: one for name, one in read_services().items() if "release" in labels(one)}


def labels(service: dict[str, Any]) -> list[str]:
    """Return the names of the labels of a service, which are a mapping or a list."""
    return [label.partition("=")[0] for label in service.get("labels", ())]
