"""Folders of the repository, and the environment of programs that tests run."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ROOT / "{{cookiecutter.project_slug}}"
SETTINGS = re.findall(
    "^([A-Z_]+)=", (SERVICE / "config/development.env.example").read_text("utf-8"), re.MULTILINE
)
# PATH with the programs of this virtual environment first
TOOLS = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
# Variables of a developer or a CI runner that would change the result of a test, and those that git
# sets for its hooks: with them, git works on this repository in any folder.
FOREIGN = re.compile(
    rf"(?:TEST_)?(?:{'|'.join(SETTINGS)})(?:_FILE)?|(?:COOKIECUTTER|FLASK|GUNICORN|MYPY|PYTEST|RUFF)_.*"
    r"|GIT_(?:COMMON_DIR|DIR|INDEX_FILE|OBJECT_DIRECTORY|PREFIX|WORK_TREE)"
)


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of the tests without foreign variables, updated with others."""
    own = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
    return own | extra
