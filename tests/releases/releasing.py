"""Team that builds, releases and runs a project on its own host, with a real or a fake container engine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.baking import BakedProject
from tests.support.environment import environment

SECRET = "canary-" + "s" * 48
REMOTE = "remote.git"
DONE, FAILED, USAGE, REFUSED, NO_ENGINE, NO_REMOTE = range(6)
# Path in the service, and name of the environment variable with the folder of its state
FAKE_ENGINE, FAKE_ENGINE_STATE = "tests/factors/support/fake_engine.py", "FAKE_ENGINE"
# Replaces the git configuration of the developer
PERSON = "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n"


@dataclass
class Team:
    """Clone of a project on a host that keeps its configurations and its container engine."""

    clone: BakedProject
    home: Path
    environ: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, project: BakedProject, folder: Path, **environ: str) -> Team:
        """Commit a copy of a project, and push it to a new remote."""
        folder.mkdir()
        team = cls.on_host(project.copy_to(folder), folder / "host", **environ)
        (team.clone.path / ".venv").unlink(missing_ok=True)
        team.git("init", "--quiet")
        team.commit("Begin")
        team.git("init", "--quiet", "--bare", str(folder / REMOTE))
        team.git("remote", "add", "origin", str(folder / REMOTE))
        team.git("push", "--quiet", "origin", "main")
        return team

    @classmethod
    def on_host(cls, clone: BakedProject, home: Path, **environ: str) -> Team:
        """Return a team with home, git configuration and state in a folder."""
        home.mkdir()
        (home / "gitconfig").write_text(PERSON)
        given = {
            **{"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "TMPDIR": str(home)},
            **{"GIT_CONFIG_GLOBAL": str(home / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"},
            "RUN_TIMEOUT": "2",
        }
        team = cls(clone, home, {**given, **environ})
        for deploy in ("staging", "production") if (clone.path / "config").exists() else ():
            team.configure(deploy)
        return team

    def with_fake_engine(self) -> Team:
        """Use the fake container engine of the project's own tests."""
        program = self.clone.path / FAKE_ENGINE
        self.engine.mkdir()
        command = self.engine / "engine"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {program} "$@"\n')
        command.chmod(0o755)
        self.environ |= {"CONTAINER_ENGINE": str(command), FAKE_ENGINE_STATE: str(self.engine)}
        return self

    @property
    def engine(self) -> Path:
        """Return the folder of the fake engine."""
        return self.home / "engine"

    @property
    def remote(self) -> Path:
        """Return the folder of the remote."""
        return self.home.parent / REMOTE

    def start(self, *words: str, **extra: Any) -> subprocess.Popen[str]:
        """Start a command in the clone, in a new process group."""
        return subprocess.Popen(
            words,
            cwd=self.clone.path,
            env=environment(**{**self.environ, **extra}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",  # git prints file names in any encoding
            start_new_session=True,
        )

    def run(self, *words: str, status: int = 0, **extra: Any) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone; raises AssertionError at another status."""
        process = self.start(*words, **extra)
        out, err = process.communicate(timeout=240)
        said = f"{' '.join(words)} ended with {process.returncode}\n{out}{err}"
        assert process.returncode == status, said
        assert SECRET not in said
        return subprocess.CompletedProcess(words, status, out, err)

    def git(self, *words: str, **extra: Any) -> str:
        """Run git in the clone, and return its output."""
        return self.run("git", *words, **extra).stdout.strip()

    def refused(self, *words: str, status: int = REFUSED, **extra: Any) -> str:
        """Return the refusal of a script: the last line on stderr, after the output of tools."""
        result = self.run(*words, status=status, **extra)
        assert result.stdout == ""
        line = result.stderr.splitlines()[-1]
        assert line.startswith(f"{words[0]}: "), result.stderr
        return line

    def build(self, *words: str) -> str:
        """Build the checked-out commit, and return the name of the image."""
        return self.run("bin/build", *(words or ["--local"])).stdout.strip()

    def release(self, *words: str) -> str:
        """Make a release, and return its id."""
        return self.run("bin/release", *words).stdout.strip()

    def commit(self, message: str) -> None:
        """Commit all files; the commit may be empty."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change the one place of a file that has a text, and commit it."""
        text = self.clone.read(name)
        assert text.count(old) == 1
        self.clone.write(name, text.replace(old, new))
        self.commit(f"Change {name}")

    def configure(self, deploy: str, **settings: str) -> None:
        """Write the configuration of a deploy: its sample with other values."""
        given = {"SECRET_KEY": SECRET, "REDIS_URL": f"redis://:{SECRET}@redis:6379/0"}
        text = self.clone.read(f"config/{deploy}.env.example")
        for name, value in {**given, "TRUSTED_HOSTS": "", **settings}.items():
            text = re.sub(f"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        self.clone.write(f"config/{deploy}.env", text)

    def ledger(self) -> list[str]:
        """Return the ids of all releases, oldest first."""
        said = self.run("bin/release", "--list").stdout
        return [line.split()[0] for line in said.splitlines()]

    def show(self, release: str) -> dict[str, str]:
        """Return the record of a release as a mapping."""
        said = self.run("bin/release", "--show", release).stdout
        return dict(line.split(": ", 1) for line in said.splitlines())

    def tags(self, *options: str) -> dict[str, str]:
        """Return the object of every tag by ref, in the clone or where options of git point to."""
        refs = self.git(*options, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
        return {name: object_ for object_, name in map(str.split, refs.splitlines())}

    def published(self) -> dict[str, str]:
        """Return the object of every tag in the remote, by ref."""
        return self.tags("--git-dir", str(self.remote))

    def kept(self) -> dict[str, bytes]:
        """Return the configurations kept on the host, by fingerprint."""
        found = (self.home / "state").glob("*/config/*")
        return {path.name.removesuffix(".env"): path.read_bytes() for path in found}

    def calls(self) -> list[list[str]]:
        """Return the command lines that the fake engine has received."""
        calls = self.engine / "calls"
        return (
            [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
        )

    def set(self, switch: str, text: str = "") -> None:
        """Turn on a switch of the fake engine."""
        (self.engine / switch).write_text(text)

    def reset(self, switch: str) -> None:
        """Turn off a switch of the fake engine."""
        (self.engine / switch).unlink()

    def containers(self) -> list[tuple[str, str]]:
        """Return release and health of every container of the fake engine."""
        found = json.loads((self.engine / "containers").read_text())
        return sorted((one["release"], one["health"]) for one in found)


def another_host(team: Team) -> Team:
    """Return a second host with a clone of the remote and the images of the first."""
    folder = team.home.parent / "other"
    folder.mkdir()
    clone = BakedProject(folder / team.clone.path.name, team.clone.answers)
    team.git("clone", "--quiet", str(team.remote), str(clone.path))
    other = Team.on_host(clone, folder / "host").with_fake_engine()
    other.environ[FAKE_ENGINE_STATE] = team.environ[FAKE_ENGINE_STATE]
    return other


def interrupted(process: subprocess.Popen[str]) -> bool:
    """Return True if SIGINT ended a command."""
    process.communicate(timeout=120)
    return process.returncode in {130, -signal.SIGINT}


def leftovers(team: Team) -> list[str]:
    """Return the temporary files that a script left behind."""
    places = [*team.home.iterdir(), *(team.clone.path / ".git").glob("*")]
    places += (team.home / "state").rglob("new.*")
    mine = r"ledger\..*|tmp\..*|new\..*"
    return [os.fspath(path) for path in places if re.fullmatch(mine, path.name)]
