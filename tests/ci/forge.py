"""A forge that runs the jobs of a pipeline on this machine, each in a new clone."""

from __future__ import annotations

import base64
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.ci.pipelines import Job, read_jobs
from tests.releases.releasing import Team
from tests.support.baking import BakedProject
from tests.support.environment import environment

OUTPUT = re.compile(r"\$\{\{ *(?:(?:steps|needs)\.\w+\.outputs|vars)\.(\w+) *\}\}")
CONTAINER = "redis://localhost:6379/0"
TRACE = re.compile(r"^\+ (bin/.*)$", re.MULTILINE)


@dataclass
class Forge:
    """Remote repository, and the results that its jobs hand to each other."""

    team: Team
    environment: Path
    redis_url: str = ""
    results: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    @property
    def jobs(self) -> dict[str, Job]:
        """Return the jobs of the pipeline, by name."""
        return read_jobs(self.team.clone)

    def clone(self) -> BakedProject:
        """Return a new clone, with the virtual environment and the files of earlier jobs."""
        folder = self.team.home.parent / f"clone-{len(list(self.team.home.parent.iterdir()))}"
        self.team.git("clone", "--quiet", str(self.team.remote), str(folder))
        if self.environment.exists():
            (folder / ".venv").symlink_to(self.environment.resolve())
            # .gitignore has the folder, not a link to it.
            (folder / ".git/info/exclude").write_text(".venv\n")
        project = BakedProject(folder, self.team.clone.answers)
        for name, text in self.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            project.write(name, text)
        return project

    def find_variables(self, job: Job) -> dict[str, str]:
        """Return the variables of a job: its own, those of the forge, and the secrets of a team."""
        config = self.team.clone.path / "config/staging.env"
        text = config.read_text("utf-8")
        secret = {
            "github": text,
            "gitlab": str(config),
            "bitbucket": base64.b64encode(text.encode()).decode(),
        }[self.team.clone.answers["ci"]]
        own = {
            name: OUTPUT.sub(lambda match: self.results.get(match[1], ""), value)
            for name, value in job.variables.items()
        }
        # The engine and the Redis of this machine stand in for the service containers.
        own = {name: value for name, value in own.items() if not name.startswith("DOCKER_")}
        redis = {"TEST_REDIS_URL": self.redis_url} if "redis:" in str(job.images) else {}
        people = {
            "GITHUB_ACTOR": "ann",
            "GITLAB_USER_NAME": "Ann",
            "GITLAB_USER_EMAIL": "ann@example.com",
        }
        output = {"GITHUB_OUTPUT": str(self.team.home / "output"), "STAGING_ENV": secret}
        return {**self.team.environ, **self.results, **own, **redis, **people, **output}

    def run(self, job: Job, is_red: bool = False) -> subprocess.CompletedProcess[str]:
        """Run the scripts of a job until one fails; raises AssertionError unless it is red as told."""
        clone, variables = self.clone(), self.find_variables(job)
        for script in job.commands():
            # Bitbucket has no variables of a step: its script names the container itself.
            script = script.replace(CONTAINER, self.redis_url)
            result = subprocess.run(
                ["sh", "-ex", "-c", script],
                cwd=clone.path,
                env=environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=1800,
                check=False,
            )
            if result.returncode:
                break
        assert bool(result.returncode) is is_red, result.stdout[-8000:]
        self.hand_on(clone)
        return result

    def hand_on(self, clone: BakedProject) -> None:
        """Keep what a job hands to later ones: outputs, variables of a dotenv report, artifacts."""
        output = self.team.home / "output"
        if output.exists():
            self.results |= dict(line.split("=", 1) for line in output.read_text().splitlines())
        for path in clone.path.glob("*.env"):
            self.results |= dict(line.split("=", 1) for line in path.read_text().splitlines())
        for path in clone.path.glob("reports/*.txt"):
            self.files[f"reports/{path.name}"] = path.read_text("utf-8")

    def find_red_call(self, job: Job) -> str:
        """Run a job that has to fail, and return the call at which it stopped."""
        return str(TRACE.findall(self.run(job, is_red=True).stdout)[-1])
