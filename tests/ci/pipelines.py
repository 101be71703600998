"""The pipelines of the three forges, read as jobs with the shell scripts that they run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.baking import BakedProject

# What only a forge can do: add packages to its image, log in to a registry, and open a pull request
FORGE_ONLY = re.compile(r"apt-get .*|.*docker login .*|.*\bgh pr create .*")
CALL = re.compile(r"bin/[a-z]+[^()|;&\n]*")
IMAGE = re.compile(r'"\$(image|IMAGE|\(cat \S+\))"')


class Job(NamedTuple):
    """A job: its scripts, each of which is a process of its own, variables and service containers."""

    name: str
    scripts: list[str]
    variables: dict[str, str]
    images: list[str]

    def calls(self) -> list[str]:
        """Return the scripts of bin/ that the job calls, with their arguments."""
        found = CALL.findall(IMAGE.sub("IMAGE", "\n".join(self.scripts)))
        return [call.strip() for call in found]

    def commands(self) -> list[str]:
        """Return the scripts without what only a forge can do."""
        lines = (
            [line for line in one.splitlines() if not FORGE_ONLY.fullmatch(line)]
            for one in self.scripts
        )
        return ["\n".join(script) for script in lines if script]


def read_github(project: BakedProject) -> Iterator[Job]:
    """Yield the jobs of all workflows."""
    for name in sorted(project.files()):
        if name.startswith(".github/workflows/"):
            for job, given in yaml.safe_load(project.read(name))["jobs"].items():
                steps = [step for step in given["steps"] if "run" in step]
                variables = [given.get("env", {}), *(step.get("env", {}) for step in steps)]
                images = [one["image"] for one in given.get("services", {}).values()]
                merged = {name: value for one in variables for name, value in one.items()}
                yield Job(job, [step["run"] for step in steps], merged, images)


def read_gitlab(project: BakedProject) -> Iterator[Job]:
    """Yield the jobs; each inherits from one template."""
    file = yaml.safe_load(project.read(".gitlab-ci.yml"))
    for name, given in file.items():
        if isinstance(given, dict) and "script" in given:
            job: dict[str, Any] = {**file["default"], **file[given["extends"]], **given}
            variables = {
                **file[given["extends"]].get("variables", {}),
                **given.get("variables", {}),
            }
            images = [job["image"], *(one["name"] for one in job.get("services", []))]
            yield Job(name, ["\n".join([*job["before_script"], *job["script"]])], variables, images)


def read_bitbucket(project: BakedProject) -> Iterator[Job]:
    """Yield the steps, with the images of their services."""
    file = yaml.safe_load(project.read("bitbucket-pipelines.yml"))
    for one in file["definitions"]["steps"]:
        step = one["step"]
        services = [
            file["definitions"]["services"][name]["image"] for name in step.get("services", [])
        ]
        yield Job(step["name"], ["\n".join(step["script"])], {}, [file["image"], *services])


READERS: dict[str, Callable[[BakedProject], Iterator[Job]]] = {
    "github": read_github,
    "gitlab": read_gitlab,
    "bitbucket": read_bitbucket,
}


def read_jobs(project: BakedProject) -> dict[str, Job]:
    """Return the jobs of the forge of a project that run a script, by name."""
    jobs = READERS[project.answers["ci"]](project)
    return {job.name: job for job in jobs if job.scripts}
