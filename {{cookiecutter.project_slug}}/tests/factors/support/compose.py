"""Services of compose.yaml, as written there."""

from typing import Any

import yaml

from tests.support.service import ROOT


def read_services() -> dict[str, Any]:
    """Return every service of compose.yaml, with merged anchors; raises YAMLError."""
    services: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return services


def list_process_types() -> dict[str, Any]:
    """Return the services that bin/run replaces: those with the label `release`."""
    return {name: one for name, one in read_services().items() if "release" in labels(one)}


def labels(service: dict[str, Any]) -> list[str]:
    """Return the names of the labels of a service, which are a mapping or a list."""
    return [label.partition("=")[0] for label in service.get("labels", ())]
