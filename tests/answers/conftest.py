"""Fixtures of the answers: a home and a machine of a user."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.machine import Machine


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test itself a home, in which nothing that an answer runs makes a file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    yield
    assert not (tmp_path / "pwned").exists()


@pytest.fixture
def machine(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Machine:
    """Return a machine on which nothing was baked yet."""
    return Machine(tmp_path / "machine", capfd)
