"""A team that builds, releases and runs a project, on a host of its own, with the engine or a stand-in for it."""

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

from baking import BakedProject, environment
from versions import APART

SECRET = "canary-" + "s" * 48
REMOTE = "remote.git"
DONE, FAILED, USAGE, REFUSED, NO_ENGINE, NO_REMOTE = range(6)
# What the configuration of the developer's git would change
PERSON = "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n"


@dataclass
class Team:
    """A clone of a project on a host, where its configurations and its engine are."""

    clone: BakedProject
    home: Path
    environ: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, project: BakedProject, folder: Path, **environ: str) -> Team:
        """Commit a copy of a project, and push it to a remote of its own."""
        folder.mkdir()
        team = cls.on_host(project.copied(folder), folder / "host", **environ)
        (team.clone.path / ".venv").unlink(missing_ok=True)
        team.git("init", "--quiet")
        team.commit("Begin")
        team.git("init", "--quiet", "--bare", str(folder / REMOTE))
        team.git("remote", "add", "origin", str(folder / REMOTE))
        team.git("push", "--quiet", "origin", "main")
        return team

    @classmethod
    def on_host(cls, clone: BakedProject, home: Path, **environ: str) -> Team:
        """Return a team whose home, configuration of git and state are in a folder."""
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

    def stand_in(self) -> Team:
        """Use a stand-in for the engine, which is part of the project."""
        program = self.clone.path / "tests/factors/support/fake_engine.py"
        self.engine.mkdir()
        command = self.engine / "engine"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {program} "$@"\n')
        command.chmod(0o755)
        self.environ |= {"CONTAINER_ENGINE": str(command), "FAKE_ENGINE": str(self.engine)}
        return self

    @property
    def engine(self) -> Path:
        """Return the folder of the stand-in."""
        return self.home / "engine"

    @property
    def remote(self) -> Path:
        """Return the folder of the remote."""
        return self.home.parent / REMOTE

    def start(self, *words: str, **extra: Any) -> subprocess.Popen[str]:
        """Start a command in the clone, in a process group of its own."""
        return subprocess.Popen(
            [*APART, *words],
            cwd=self.clone.path,
            env=environment(**{**self.environ, **extra}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",  # git shows files as they are
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
        """Return what git prints."""
        return self.run("git", *words, **extra).stdout.strip()

    def refused(self, *words: str, status: int = REFUSED, **extra: Any) -> str:
        """Return the one line in which a script says why not, after what the tools said."""
        result = self.run(*words, status=status, **extra)
        assert result.stdout == ""
        line = result.stderr.splitlines()[-1]
        assert line.startswith(f"{words[0]}: "), result.stderr
        return line

    def build(self, *words: str) -> str:
        """Return the name of the image of what is checked out."""
        return self.run("bin/build", *(words or ["--local"])).stdout.strip()

    def release(self, *words: str) -> str:
        """Return the id of a new release."""
        return self.run("bin/release", *words).stdout.strip()

    def commit(self, message: str) -> None:
        """Commit everything, or nothing."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)

    def configure(self, deploy: str, **settings: str) -> None:
        """Write the configuration of a deploy as its sample has it, with other values."""
        given = {"SECRET_KEY": SECRET, "REDIS_URL": f"redis://:{SECRET}@redis:6379/0"}
        text = self.clone.read(f"config/{deploy}.env.example")
        for name, value in {**given, "TRUSTED_HOSTS": "", **settings}.items():
            text = re.sub(f"^{name}=.*$", f"{name}={value}", text, flags=re.MULTILINE)
        self.clone.write(f"config/{deploy}.env", text)

    def ledger(self) -> list[str]:
        """Return the ids of all releases, the oldest first."""
        said = self.run("bin/release", "--list").stdout
        return [line.split()[0] for line in said.splitlines()]

    def show(self, release: str) -> dict[str, str]:
        """Return what the ledger says of a release."""
        said = self.run("bin/release", "--show", release).stdout
        return dict(line.split(": ", 1) for line in said.splitlines())

    def tags(self, *words: str) -> dict[str, str]:
        """Return the object of every tag: here, or in the remote."""
        refs = self.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags", *words)
        return {name: object_ for object_, name in map(str.split, refs.splitlines())}

    def published(self) -> dict[str, str]:
        """Return the object of every tag in the remote."""
        refs = self.git("ls-remote", "--refs", "--tags", str(self.remote))
        return {name: object_ for object_, name in map(str.split, refs.splitlines())}

    def kept(self) -> dict[str, bytes]:
        """Return the configurations that are kept on the host, by their fingerprint."""
        found = (self.home / "state").glob("*/config/*")
        return {path.name.removesuffix(".env"): path.read_bytes() for path in found}

    def calls(self) -> list[list[str]]:
        """Return what the stand-in was asked so far."""
        calls = self.engine / "calls"
        return (
            [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []
        )

    def set(self, switch: str, text: str = "") -> None:
        """Have the stand-in behave otherwise from now on."""
        (self.engine / switch).write_text(text)

    def reset(self, switch: str) -> None:
        """Have the stand-in behave again."""
        (self.engine / switch).unlink()

    def containers(self) -> list[tuple[str, str]]:
        """Return release and state of every container of the stand-in."""
        found = json.loads((self.engine / "containers").read_text())
        return sorted((one["release"], one["health"]) for one in found)


def another_host(team: Team) -> Team:
    """Return a colleague of a team, who has a clone of the remote, an engine and the same images."""
    folder = team.home.parent / "colleague"
    folder.mkdir()
    clone = BakedProject(folder / team.clone.path.name, team.clone.answers)
    team.git("clone", "--quiet", str(team.remote), str(clone.path))
    other = Team.on_host(clone, folder / "host").stand_in()
    other.environ["FAKE_ENGINE"] = team.environ["FAKE_ENGINE"]
    return other


def interrupted(process: subprocess.Popen[str]) -> bool:
    """Tell whether a command ended as one that somebody interrupted."""
    process.communicate(timeout=120)
    return process.returncode in {130, -signal.SIGINT}


def leftovers(team: Team) -> list[str]:
    """Return what a script should not have left behind."""
    places = [*team.home.iterdir(), *(team.clone.path / ".git").iterdir()]
    places += (team.home / "state").rglob("new.*")
    mine = r"ledger\..*|tmp\..*|new\..*"
    return [os.fspath(path) for path in places if re.fullmatch(mine, path.name)]
