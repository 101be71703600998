"""Answers that cookiecutter drops before it runs a hook, and folders that it refuses.

cookiecutter ignores an unknown name. In a configuration file it warns of a choice that is not offered, and
ignores it and all entries after it. No hook receives them, and cookiecutter has no extension point before
its questions that cruft has, too. So the guard in cookiecutter.json runs this file, which reads the variables
of cookiecutter's and cruft's functions. A replay file needs none of it: its hooks receive every entry.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import Any

# The share of equal letters from which a name is a misspelt one: licence is, full_name is not.
MISSPELT = 0.8


def walk(frame: FrameType | None) -> Iterator[Mapping[str, Any]]:
    """Return the variables of a frame and its callers."""
    while frame:
        yield dict(frame.f_locals)
        frame = frame.f_back


def find_variables(*names: str) -> Mapping[str, Any]:
    """Return the variables of the nearest caller that has all names, or an empty dictionary."""
    frames = walk(sys._getframe())
    return next((found for found in frames if found.keys() >= {*names}), {})


def read_saved() -> Mapping[str, Any]:
    """Return the answers of the service that cruft updates, which may be of an earlier version."""
    if file := find_variables("cruft_file", "cruft_state").get("cruft_file"):
        return dict(json.loads(Path(file).read_text("utf-8"))["context"]["cookiecutter"])
    return {}


def find_dropped() -> dict[str, dict[str, Any]]:
    """Return the answers that cookiecutter drops, given directly or in a configuration file.

    A file with a choice that is not offered is returned whole.
    """
    found = find_variables("context_file", "config_dict", "extra_context")
    if not found:
        return {}
    questions = json.loads(Path(found["context_file"]).read_text("utf-8"))
    names = [name for name in questions if not name.startswith("_")]
    extra, config = found["extra_context"] or {}, found["config_dict"]["default_context"]
    config = {name: value for name, value in config.items() if name not in extra}
    # The configuration file of a person is for all templates; only --config-file is for this one.
    has_own_file = bool(found.get("config_file"))
    unknown = [
        name
        for name in config.keys() - names
        if has_own_file or get_close_matches(name, names, cutoff=MISSPELT)
    ]
    choices = [name for name in config if isinstance(questions.get(name), list)]
    if any(config[name] not in questions[name] for name in choices):
        unknown += [name for name in config if name in names]
    given = {name: extra[name] for name in extra.keys() - {*names, *read_saved()}}
    dropped = {"given": given, "config": {name: config[name] for name in unknown}}
    return {origin: to_json(answers) for origin, answers in dropped.items() if to_json(answers)}


def to_json(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers, as text where JSON has no such value, without private variables."""
    return {
        name: value if value is None or isinstance(value, str | int | float) else str(value)
        for name, value in answers.items()
        if not name.startswith("_")
    }


def advise(slug: object) -> None:
    """Print the ways on if the folder of the project exists and may not be overwritten."""
    found = find_variables("output_dir", "overwrite_if_exists")
    if not found or found["overwrite_if_exists"] or not isinstance(slug, str):
        return
    folder = os.path.relpath(os.path.join(found["output_dir"], slug))
    if slug and slug != ".refused" and os.path.lexists(folder):
        path = shlex.quote(folder)
        remedy = f"run rm -r {path}, or choose another project_slug"
        if os.path.exists(os.path.join(folder, ".cruft.json")):
            remedy = f"run cruft update --project-dir {path}, or choose another project_slug"
        print(f"{path}: exists already; {remedy}", file=sys.stderr)
