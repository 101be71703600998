"""Name of the service, commit of its image, and Python version."""

import platform
from pathlib import Path

NAME = "{{ cookiecutter.project_slug }}"
PYTHON = platform.python_version()


def commit() -> str:
    """Return the commit in the file REVISION, which the image build writes, or `unknown`."""
    file = Path(__file__).parents[2] / "REVISION"
    return file.read_text("ascii").strip() if file.exists() else "unknown"


COMMIT = commit()
