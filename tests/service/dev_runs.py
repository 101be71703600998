"""Projects for bin/dev: their configuration, and what is left of their processes."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from pathlib import Path

from tests.support.baking import BakedProject

CONFIG = "config/development.env"


def configure(project: BakedProject, **values: str) -> None:
    """Change values in config/development.env."""
    text = project.read(CONFIG)
    for name, value in values.items():
        text = re.sub(f"^#?{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
    project.write(CONFIG, text)


def remove(project: BakedProject, name: str) -> None:
    """Remove a variable from config/development.env."""
    text = re.sub(f"^{name}=.*\n", "", project.read(CONFIG), flags=re.MULTILINE)
    project.write(CONFIG, text)


def add_type(project: BakedProject, name: str, command: str) -> None:
    """Add a process type to the Procfile."""
    project.write("Procfile", f"{project.read('Procfile')}{name}: {command}\n")


def read_port(project: BakedProject) -> int:
    """Return the configured port."""
    return int(re.findall("^PORT=(.*)$", project.read(CONFIG), re.MULTILINE)[0])


def is_free(port: int) -> bool:
    """Return True if no socket listens on a port."""
    with suppress(OSError), socket.create_server(("", port)):
        return True
    return False


def list_left(folder: Path) -> list[int]:
    """Return the ids of the processes with the TMPDIR of one test; Linux only."""
    left = []
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            environ = (path / "environ").read_bytes().split(b"\0")
            if path.name.isdigit() and f"TMPDIR={folder}".encode() in environ:
                left.append(int(path.name))
    return left
