"""Load client in a process of its own, and the latencies that it reports."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("load.py")


@dataclass(frozen=True)
class Load:
    """Running load client."""

    process: subprocess.Popen[str]

    def result(self) -> dict[str, Any]:
        """Wait for the client to exit, and return its report."""
        out, _ = self.process.communicate(timeout=120)
        result: dict[str, Any] = json.loads(out)
        result["good"] = sorted(wait for _, wait in result["waits"] if wait >= 0)
        return result


def start_load(port: int, path: str, connections: int, seconds: float, rate: float) -> Load:
    """Start a load client; a rate of 0 is a closed loop."""
    words = map(str, (PROGRAM, port, path, connections, seconds, rate))
    command = [sys.executable, "-I", "-S", *words]
    return Load(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))


def compute_quantile(values: list[float], part: float) -> float:
    """Return a quantile of sorted values; part is 0 to 1."""
    return values[min(int(len(values) * part), len(values) - 1)]


def compute_milliseconds(result: dict[str, Any], part: float) -> float:
    """Return a quantile of the latency of all responses, of any status, in milliseconds."""
    return compute_quantile(sorted(abs(wait) for _, wait in result["waits"]), part) * 1000


def select_latencies(result: dict[str, Any], start: float, end: float) -> list[float]:
    """Return the sorted latencies (seconds) of the requests that were due in an interval."""
    waits = ((result["start"] + due, abs(wait)) for due, wait in result["waits"])
    return sorted(wait for due, wait in waits if start <= due < end)
