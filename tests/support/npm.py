"""Packages of npm that check files of a service."""

from __future__ import annotations

import subprocess
from pathlib import Path


def install_from_npm(package: str, folder: Path) -> None:
    """Install a package in a folder, without its scripts."""
    words = ["npm", "install", "--silent", "--no-package-lock", "--ignore-scripts", package]
    subprocess.run(words, cwd=folder, check=True)
