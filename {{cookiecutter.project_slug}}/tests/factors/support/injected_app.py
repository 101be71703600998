"""The app with code that a test injects, to provoke failures that the service has no route for."""

import shlex
from pathlib import Path

from tests.support.service import ROOT

PACKAGE = next(ROOT.glob("*/runtime")).parent.name
CONFIG = """\
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))
pythonpath = {folder!r}
wsgi_app = "injected:app"
"""
APP = """\
from {package} import create_app

app = create_app()
"""


def inject(folder: Path, code: str) -> dict[str, str]:
    """Write code that extends `app`, and return the variables with which an instance runs it."""
    config = folder / "injected.conf.py"
    config.write_text(CONFIG.format(folder=str(folder)), "utf-8")
    (folder / "injected.py").write_text(APP.format(package=PACKAGE) + code, "utf-8")
    return {"GUNICORN_CMD_ARGS": f"--config {shlex.quote(str(config))}"}
