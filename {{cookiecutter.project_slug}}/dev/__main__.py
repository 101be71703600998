"""Run the process types of the Procfile, or another command, with the configuration of development."""

import sys
from collections.abc import Sequence

from deploy.process import run_script
from dev.commands import run_command
from dev.environment import read_environment
from dev.service import run_service


def main(words: Sequence[str]) -> None:
    """Run what the command line names, and exit with its status; raises Refusal."""
    environ = read_environment()
    is_service = not words or words[0] == "--json"
    sys.exit(run_service(environ, bool(words)) if is_service else run_command([*words], environ))


if __name__ == "__main__":
    run_script("dev", main)
