"""Contenders of the speed benchmark: the service and others that count visits."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from baking import ROOT, BakedProject, environment

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
ADDED_WITH = "tests/bench_speed.py"


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


def bake(template: Path, folder: Path) -> BakedProject:
    """Render a template with the default answers."""
    folder.mkdir(parents=True)
    config = folder / "cookiecutter.yaml"
    config.write_text(f"replay_dir: {folder}/replay\n")
    words = ["--no-input", "--config-file", str(config), "--output-dir", str(folder / "baked")]
    subprocess.run([OWN / "cookiecutter", *words, template], check=True, capture_output=True)
    [path] = (folder / "baked").iterdir()
    return BakedProject(path, {"package_name": "visit_counter"})


def service(template: Path, folder: Path, letter: str, name: str) -> Contender:
    """Bake a template, and return its service with the web command of its Procfile."""
    project = bake(template, folder)
    [command] = re.findall("^web: (.*)$", project.read("Procfile"), re.MULTILINE)
    return Contender(letter, name, command, project.path)


def git(*words: str) -> bytes:
    """Return what git says of this repository."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True).stdout


def before_the_bench() -> str:
    """Return the last commit without this bench, or nothing when the history does not go back so far.

    It is found by what it lacks, since a branch may be rebased and an id would then be stale.
    """
    added = git("log", "--format=%H %P", "--diff-filter=A", "--", ADDED_WITH).decode().split()
    return added[-1] if len(added) > 1 else ""


def former(folder: Path) -> Contender | None:
    """Return the service as it was before it was made to cost less."""
    if not (commit := before_the_bench()):
        print(
            "The history is too short for contender f, the service before this bench.",
            file=sys.stderr,
        )
        return None
    template = folder / "template"
    template.mkdir(parents=True)
    subprocess.run(["tar", "-x"], cwd=template, input=git("archive", commit), check=True)
    return service(template, folder / "project", "f", "our service before this bench")


def all_contenders(folder: Path) -> list[Contender]:
    """Return every contender, sorted by letter; bakes those that are templates."""
    others = [Contender(letter, *words, CONTENDERS) for letter, words in COMMANDS.items()]
    others = [replace(one, programs=OTHERS) if one.letter[0] in "gh" else one for one in others]
    ours = service(ROOT, folder / "ours", "e", "**our service, as generated**")
    before = former(folder / "former")
    found = [*others, ours, *([before] if before else [])]
    return sorted(found, key=lambda contender: contender.letter)
