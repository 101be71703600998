"""Test modules import from helpers, never from each other."""

from __future__ import annotations

import re

import pytest

from tests.support.environment import ROOT

MODULES = sorted((ROOT / "tests").rglob("*.py"))
IMPORT_OF_TESTS = re.compile(r"^(?:from|import) \S*\b(?:test_\w+|conftest)\b", re.MULTILINE)


def test_no_module_imports_a_test_module() -> None:
    texts = {path.relative_to(ROOT): path.read_text("utf-8") for path in MODULES}
    assert len(texts) > 80
    assert [name for name, text in texts.items() if IMPORT_OF_TESTS.search(text)] == []


@pytest.mark.parametrize("line", ["from tests.gate.test_x import y", "import tests.conftest"])
def test_such_an_import_is_found(line: str) -> None:
    assert IMPORT_OF_TESTS.search(f"import re\n{line}\n")
