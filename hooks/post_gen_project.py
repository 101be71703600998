"""Remove the files of options that were not chosen, then print the next commands."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

# The answers enter as JSON, which never contains three double quotes in a row.
ANSWERS = r"""{{ cookiecutter | tojson }}"""

# Option -> choice -> the paths that come with this choice. A path may contain {package_name}.
KEPT: dict[str, dict[str, list[str]]] = {
    "license": {
        "MIT": ["LICENSE"],
        "Apache-2.0": ["LICENSE"],
        "BSD-3-Clause": ["LICENSE"],
        "none": [],
    },
    "python_version": {"3.14": ["Dockerfile"], "3.13": ["Dockerfile-3.13"]},
    "ci": {
        "github": [".github"],
        "gitlab": [".gitlab", ".gitlab-ci.yml"],
        "bitbucket": [".bitbucket", "bitbucket-pipelines.yml"],
        "none": [],
    },
    "kubernetes": {
        "no": [],
        "yes": [
            "deploy/kubernetes",
            "deploy/admin_job.py",
            "deploy/cluster.py",
            "deploy/in_cluster.py",
            "deploy/manifests.py",
            "docs/kubernetes.md",
            "requirements-kubernetes.in",
            "requirements-kubernetes.txt",
            "tests/factors/support/kubernetes.py",
            "tests/factors/test_08_manifests.py",
        ],
    },
    "worker": {
        "no": [],
        "yes": [
            "deploy/kubernetes/base/worker.yaml",
            "docs/jobs.md",
            "heartbeat.py",
            "requirements-worker.in",
            "requirements-worker.txt",
            "tests/factors/support/jobs.py",
            "tests/factors/test_09_jobs.py",
            "tests/jobs",
            "tests/visits/test_totals.py",
            "{package_name}/runtime/jobs",
            "{package_name}/visits/totals.py",
            "{package_name}/worker.py",
        ],
    },
}
# A bot updates files without Jinja only, so each choice has its own, renamed in the service.
RENAMED = {"Dockerfile-3.13": "Dockerfile"}

HOOK = "hooks/post_gen_project.py"
NEXT = {
    "bin/setup": "installs the locked requirements",
    "bin/dev": "runs the service and restarts it when its code changes",
}


def find_owned(answers: dict[str, str]) -> set[str]:
    """Return the paths that come with any choice."""
    lists = [paths for choices in KEPT.values() for paths in choices.values()]
    return {path.format(**answers) for paths in lists for path in paths}


def find_dropped(answers: dict[str, str]) -> set[str]:
    """Return the paths that come only with choices that were not made."""
    dropped = set()
    for option, choices in KEPT.items():
        kept = choices[answers[option]]
        dropped |= {path for paths in choices.values() for path in paths if path not in kept}
    return {path.format(**answers) for path in dropped}


def remove(path: Path) -> None:
    """Remove a file or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        # A folder around it may be dropped, too.
        path.unlink(missing_ok=True)


def is_comparison(answers: dict[str, str], project: Path) -> bool:
    """Return True if cruft renders for an update or a comparison, in a new temporary folder."""
    # Only cookiecutter adds _output_dir.
    around = project.resolve().parent
    is_temporary = around.parent == Path(tempfile.gettempdir()).resolve()
    return "_output_dir" not in answers and is_temporary and around.name.startswith("tmp")


def format_next_steps(project: Path, here: Path) -> str:
    """Return the commands that set up and run the new service, one a line."""
    folder = os.path.relpath(project.resolve(), here.resolve())
    folder = str(project) if folder.startswith("..") else folder
    width = max(map(len, NEXT))
    steps = [f"  {step:{width}}  # {reason}" for step, reason in NEXT.items()]
    return "\n".join([f"Created {project.name}. Next:", f"  cd {shlex.quote(folder)}", *steps])


def main() -> int:
    """Return 0 when the files match the choices, 1 if KEPT names a missing path."""
    answers, project = json.loads(ANSWERS), Path.cwd()
    here = Path(os.environ.get("PWD", project.parent))
    missing = sorted(path for path in find_owned(answers) if not (project / path).exists())
    if missing:
        print(f"KEPT: the template has no {', '.join(missing)}; correct {HOOK}", file=sys.stderr)
        return 1
    for path in find_dropped(answers):
        remove(project / path)
    for path, name in RENAMED.items():
        if (project / path).exists():
            (project / path).rename(project / name)
    if not is_comparison(answers, project):
        print(format_next_steps(project, here))
    return 0


if __name__ == "__main__":
    sys.exit(main())
