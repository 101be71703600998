"""Environment of development: config/development.env, below the variables that are already set."""

import json
import os
from pathlib import Path

from deploy import env_file

CONFIG, SAMPLE = Path("config/development.env"), Path("config/development.env.example")
PACKAGE = "{{ cookiecutter.package_name }}"


def read_environment() -> dict[str, str]:
    """Return the environment of all processes; raises Refusal."""
    configured = env_file.parse(env_file.read(CONFIG, "bin/dev"))
    return {**configured, **os.environ, "FLASK_APP": PACKAGE}


def explain_missing(event: bytes) -> list[str]:
    """Return a line for each missing setting of a refusal in the log that has one in the sample."""
    try:
        problems = json.loads(event)["problems"]
    except (ValueError, KeyError, TypeError):
        return []
    sample = env_file.parse(SAMPLE.read_bytes())
    given = {*os.environ, *env_file.parse(CONFIG.read_bytes())}
    missing = [str(one).partition(":")[0] for one in problems if ": required" in str(one)]
    return [
        f"{CONFIG}: {name} is missing; add the line {name}={sample[name]} of {SAMPLE}"
        for name in missing
        if name in sample and name not in given
    ]
