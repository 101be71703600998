"""Drop the files of options that were not chosen, then say what comes next."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

# The answers enter here once, as data: JSON never holds the three quotes that end this string.
ANSWERS = r"""{{ cookiecutter | tojson }}"""

# Option -> value -> the paths that this value keeps. A path may hold {package_name}.
KEPT: dict[str, dict[str, list[str]]] = {
    "license": {
        "MIT": ["LICENSE"],
        "Apache-2.0": ["LICENSE"],
        "BSD-3-Clause": ["LICENSE"],
        "none": [],
    },
    "python_version": {"3.14": ["Dockerfile"], "3.13": ["Dockerfile-3.13"]},
}
# Files that a bot keeps up to date hold no Jinja, so each value has its own; this is what it is called in a service.
RENAMED = {"Dockerfile-3.13": "Dockerfile"}

NEXT = {
    "bin/setup": "installs the locked requirements",
    "bin/dev": "runs the service, and restarts it when its code changes",
}


def owned(answers: dict[str, str]) -> set[str]:
    """Return every path that belongs to some value of some option."""
    lists = [paths for values in KEPT.values() for paths in values.values()]
    return {path.format(**answers) for paths in lists for path in paths}


def dropped(answers: dict[str, str]) -> set[str]:
    """Return the paths that belong only to values that were not chosen."""
    gone = set()
    for option, values in KEPT.items():
        kept = values[answers[option]]
        gone |= {path for paths in values.values() for path in paths if path not in kept}
    return {path.format(**answers) for path in gone}


def remove(path: Path) -> None:
    """Remove a file or a folder; it may be gone together with a folder around it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def next_steps(project: Path, here: Path) -> str:
    """Return the commands that set the new service up and run it, one a line."""
    folder = os.path.relpath(project.resolve(), here.resolve())
    folder = str(project) if folder.startswith("..") else folder
    width = max(map(len, NEXT))
    steps = [f"  {step:{width}}  # {reason}" for step, reason in NEXT.items()]
    return "\n".join([f"Created {project.name}. Next:", f"  cd {shlex.quote(folder)}", *steps])


def main() -> int:
    """Return 0 when the tree holds what was chosen, 1 when the table and the tree disagree."""
    answers, project = json.loads(ANSWERS), Path.cwd()
    here = Path(os.environ.get("PWD", project.parent))
    unknown = sorted(path for path in owned(answers) if not (project / path).exists())
    if unknown:
        print(f"The template has no {', '.join(unknown)}: correct KEPT", file=sys.stderr)
        return 1
    for path in sorted(dropped(answers)):
        remove(project / path)
    for path, name in RENAMED.items():
        if (project / path).exists():
            (project / path).rename(project / name)
    # cruft renders in a temporary folder when it updates or compares: there is nothing to go to.
    if "_output_dir" in answers or not (here / ".cruft.json").is_file():
        print(next_steps(project, here))
    return 0


if __name__ == "__main__":
    sys.exit(main())
