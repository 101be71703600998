"""Code that a test adds to the app, to provoke from outside what the service does not do by itself."""

import shlex
from pathlib import Path

from tests.support.service import ROOT

PACKAGE = next(ROOT.glob("*/runtime")).parent.name
CONFIG = """\
from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))
pythonpath = {folder!r}
wsgi_app = "added:app"
"""
APP = """\
from {package} import create_app

app = create_app()
"""


def added(folder: Path, code: str) -> dict[str, str]:
    """Write code that finds the app as `app`, and return what makes an instance run it, too."""
    config = folder / "added.conf.py"
    config.write_text(CONFIG.format(folder=str(folder)), "utf-8")
    (folder / "added.py").write_text(APP.format(package=PACKAGE) + code, "utf-8")
    return {"GUNICORN_CMD_ARGS": f"--config {shlex.quote(str(config))}"}
