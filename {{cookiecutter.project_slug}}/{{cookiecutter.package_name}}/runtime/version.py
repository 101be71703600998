"""What runs: the name of the service, and the commit that its image was built from."""

import platform
from pathlib import Path

NAME = "{{ cookiecutter.project_slug }}"
PYTHON = platform.python_version()


def commit() -> str:
    """Return the commit in the file REVISION, which the image build writes; without one, `unknown`."""
    file = Path(__file__).parents[2] / "REVISION"
    return file.read_text("ascii").strip() if file.exists() else "unknown"


COMMIT = commit()
