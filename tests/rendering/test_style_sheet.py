"""Style sheet of the pages: dark and light, on a narrow screen, without a request of its own."""

from __future__ import annotations

import re

from tests.support.fixtures import Bake

# Selector -> declaration without which a page of 320 px scrolls sideways
NARROW = {
    "body": "overflow-wrap: anywhere",
    "pre": "overflow-x: auto",
    "img, svg, video": "max-width: 100%",
    "fieldset": "min-width: 0",
    "input, select, textarea, button": "max-width: 100%",
}


def test_the_style_sheet_follows_the_colors_and_the_width_of_the_screen(bake: Bake) -> None:
    sheet = bake().read("visit_counter/static/style.css")
    rules = dict(re.findall(r"^(.+?) \{ (.+) \}$", sheet, re.MULTILINE))
    assert "color-scheme: light dark" in rules[":root"]
    assert {name for name, text in NARROW.items() if text not in rules[name]} == set()
    assert not re.search(r"url\(|@import|(?<!-)width: \d+px", sheet)
    colors = set(re.findall(r"color: ([^;]+)", sheet)) | set(re.findall("solid ([^;]+)", sheet))
    assert colors == {"inherit", "GrayText"}
