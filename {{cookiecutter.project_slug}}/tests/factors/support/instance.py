"""Instances that the gate starts: the command of the Procfile, with the probe in the app."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.factors.support.probe import COUNT
from tests.support.service import ROOT, Service

# The package that production runs, and the app of the gate around its app
PACKAGE = next(ROOT.glob("*/runtime")).parent.name
PROBED_APP = "tests.factors.support.probed_app"
CONFIG = "tests/factors/support/gunicorn_conf.py"


class Instance(Service):
    """An instance with the probe, unless its environment has GUNICORN_CMD_ARGS of its own."""

    def __init__(
        self,
        environ: Mapping[str, str],
        log: Path,
        cwd: Path = ROOT,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__({"GUNICORN_CMD_ARGS": f"--config {CONFIG}", **environ}, log, cwd, command)

    def count(self) -> int:
        """Count a request, and return its number; raises AssertionError unless the status is 200."""
        response = self.get(COUNT)
        assert response.status == 200, response
        return int(response.json()["count"])
