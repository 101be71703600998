"""Test runs that share a machine never get the same port."""

from __future__ import annotations

import subprocess
import sys

from tests.support.environment import SERVICE

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
