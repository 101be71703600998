"""Print the size of the image over its base, part by part, and its build times."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cookiecutter.main import cookiecutter

from tests.support.baking import BakedProject
from tests.support.containers import engine, inspect
from tests.support.environment import ROOT
from tests.support.image import Image

# Runs in the image: sums the bytes of the files of each part, in the order of the report.
MEASURE = """
import collections, json, pathlib, sysconfig
parts = collections.Counter()
stdlib = pathlib.Path(sysconfig.get_path("stdlib"))
for root in (pathlib.Path("/venv"), pathlib.Path("/app"), stdlib):
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            code = path.suffix == ".pyc"
            if root == stdlib:
                parts["byte code of the standard library"] += path.stat().st_size * code
            elif root.name == "app":
                parts["the service, with its byte code"] += path.stat().st_size
            else:
                parts["byte code of the packages" if code else "the locked packages"] += path.stat().st_size
print(json.dumps(parts))
"""


def measure_seconds(action: Callable[[], object]) -> float:
    """Return the duration of an action."""
    started = time.monotonic()
    action()
    return time.monotonic() - started


def format_report(image: Image) -> list[str]:
    """Return the lines of the report."""
    base = re.findall("^ARG PYTHON_IMAGE=(.*)$", image.project.read("Dockerfile"), re.MULTILINE)[0]
    sizes = [inspect(name)["Size"] for name in (base, image.name)]
    parts = json.loads(engine("run", "--rm", image.name, "python", "-c", MEASURE))
    rows = {"the base": sizes[0], **parts}
    rows["directories, links and rounding"] = sizes[1] - sum(rows.values())
    routes = f"{image.project.answers['package_name']}/visits/routes.py"
    cold = measure_seconds(lambda: image.build_as(image.name, "--no-cache"))
    warm = measure_seconds(lambda: image.build_as(image.name))
    image.project.write(routes, image.project.read(routes) + "\n# changed\n")
    changed = measure_seconds(lambda: image.build_as(image.name))
    return [
        *(f"{size / 1e6:9.2f} MB  {part}" for part, size in rows.items()),
        f"{sizes[1] / 1e6:9.2f} MB  the image, {(sizes[1] - sizes[0]) / 1e6:.2f} MB over its base",
        f"{cold:9.1f} s   to build it with no layer cached (downloads may be)",
        f"{warm:9.1f} s   to build it again",
        f"{changed:9.1f} s   to build it after a change of the code",
    ]


def main() -> None:
    """Build the image of the default service, and print the report."""
    with tempfile.TemporaryDirectory() as folder:
        path = cookiecutter(str(ROOT), no_input=True, output_dir=folder, replay=False)
        answers = {"project_slug": Path(path).name, "package_name": "visit_counter"}
        project = BakedProject(Path(path), answers)
        sample = project.read("config/development.env.example")
        project.write("config/development.env", sample)
        image = Image.build(project)
        try:
            print(*format_report(image), sep="\n")
        finally:
            image.remove()


if __name__ == "__main__":
    main()
