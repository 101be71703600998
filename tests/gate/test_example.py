"""No file of the gate names the example; tests/month/ runs the gate without it."""

from __future__ import annotations

import re

from tests.support.fixtures import Bake

# What the template owns in a service, whatever its features are
OWNED = re.compile(r"tests/(factors|support)/.*|tests/[^/]*|dev/.*|\w+/runtime/.*")


def test_no_file_of_the_gate_names_the_example(bake: Bake) -> None:
    fresh = bake(project_slug="corner-shop", package_name="corner_shop")
    owned = [name for name in fresh.files() if OWNED.fullmatch(name)]

    assert len(owned) > 50
    assert [name for name in owned if re.search("visit", fresh.read(name), re.IGNORECASE)] == []
