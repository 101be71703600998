"""Contenders of the speed benchmark: the service and others that count visits."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bench.history import find_last_commit, git
from tests.support.baking import BakedProject
from tests.support.environment import ROOT, environment

CONTENDERS = Path(__file__).parent / "contenders"
OWN, OTHERS = Path(sys.executable).parent, ROOT / ".venv/bench/bin"
GUNICORN = "gunicorn --bind 127.0.0.1:{port} --workers {workers} --threads {threads}"
UVICORN = "uvicorn asgi:app --port {port} --workers {workers} --no-access-log --log-level warning"
GRANIAN = "granian --interface wsgi bare:app --host 127.0.0.1 --port {port} --workers {workers}"
# waitress has no worker processes, and so gets the threads of all workers.
WAITRESS = "waitress-serve --host 127.0.0.1 --port {port} --threads {all_threads} bare:app"
COMMANDS = {
    "a": ("raw WSGI function, gunicorn", f"{GUNICORN} raw:app"),
    "b": ("bare Flask, one INCR, gunicorn", f"{GUNICORN} bare:app"),
    "c": ("b with gunicorn's access log", f"{GUNICORN} --access-logfile - bare:app"),
    "d": ("the tutorial's app, development server", "python tutorial.py"),
    "g1": ("FastAPI, one INCR, uvicorn", UVICORN),
    "g2": ("b under granian", f"{GRANIAN} --blocking-threads {{threads}} --no-log"),
    "g3": ("b under waitress", WAITRESS),
    "h": (
        "the same features, as usually written",
        f"{GUNICORN} --config usual_gunicorn.py usual:app",
    ),
}
OWN_POOL = "{{cookiecutter.project_slug}}/{{cookiecutter.package_name}}/runtime/pool.py"


@dataclass(frozen=True)
class Contender:
    """A program that counts visits."""

    letter: str
    name: str
    command: str
    folder: Path
    programs: Path = OWN
    path: str = "/"

    def words(self, port: int, workers: int, threads: int) -> list[str]:
        """Return the command line as words."""
        numbers = {"port": port, "workers": workers, "threads": threads}
        return shlex.split(self.command.format(**numbers, all_threads=workers * threads))

    def environ(self, port: int, workers: int, threads: int, **extra: str) -> dict[str, str]:
        """Return the environment variables; every contender gets the same."""
        return environment(
            PATH=f"{self.programs}:{os.environ['PATH']}",
            PORT=str(port),
            WEB_CONCURRENCY=str(workers),
            WEB_THREADS=str(threads),
            SECRET_KEY="0123456789abcdef" * 4,
            **extra,
        )


def bake(template: Path, folder: Path, **answers: str) -> BakedProject:
    """Render a template with the default answers, but for those given."""
    folder.mkdir(parents=True)
    config = folder / "cookiecutter.yaml"
    config.write_text(f"replay_dir: {folder}/replay\n")
    words = ["--no-input", "--config-file", str(config), "--output-dir", str(folder / "baked")]
    words += [str(template), *(f"{name}={answer}" for name, answer in answers.items())]
    subprocess.run([OWN / "cookiecutter", *words], check=True, capture_output=True)
    [path] = (folder / "baked").iterdir()
    return BakedProject(path, {"package_name": "visit_counter"})


def bake_service(template: Path, folder: Path, letter: str, name: str) -> Contender:
    """Bake a template, and return its service with the web command of its Procfile."""
    project = bake(template, folder)
    [command] = re.findall("^web: (.*)$", project.read("Procfile"), re.MULTILINE)
    return Contender(letter, name, command, project.path)


def bake_former(folder: Path) -> Contender | None:
    """Return the service as it was with its own pool and threads; None without that history."""
    if not (commit := find_last_commit(OWN_POOL)):
        print(
            "contender f: its commit is not in the history; run git fetch --unshallow",
            file=sys.stderr,
        )
        return None
    template = folder / "template"
    template.mkdir(parents=True)
    subprocess.run(["tar", "-x"], cwd=template, input=git("archive", commit), check=True)
    return bake_service(
        template, folder / "project", "f", "our service with its own pool and threads"
    )


def list_contenders(folder: Path) -> list[Contender]:
    """Return every contender, sorted by letter; bakes those that are templates."""
    others = [Contender(letter, *words, CONTENDERS) for letter, words in COMMANDS.items()]
    others = [replace(one, programs=OTHERS) if one.letter[0] in "gh" else one for one in others]
    ours = bake_service(ROOT, folder / "ours", "e", "**our service, as generated**")
    before = bake_former(folder / "former")
    found = [*others, ours, *([before] if before else [])]
    return sorted(found, key=lambda contender: contender.letter)
