"""The helper that starts instances is safe beside other test runs, and beside a log that grows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import SERVICE
from tests.support.service import Service, eventually

CODE = "from service import free_port; print(*[free_port() for _ in range(300)])"


def test_test_runs_beside_each_other_get_different_ports() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-Bc", CODE],
            cwd=SERVICE / "tests/support",
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ports = [port for run in runs for port in run.communicate()[0].split()]

    assert len(ports) == 900
    assert len(set(ports)) == 900


def test_a_line_of_the_log_is_an_event_when_it_is_whole(tmp_path: Path) -> None:
    program = ["sh", "-c", """printf '{"message": "first"}\\n{"mess'; exec sleep 60"""]
    service = Service({}, tmp_path / "log", tmp_path, program)
    try:
        eventually(lambda: service.log.read_text().endswith("mess"))
        assert service.events() == [{"message": "first"}]
    finally:
        service.kill()
    with pytest.raises(json.JSONDecodeError):
        service.events()
