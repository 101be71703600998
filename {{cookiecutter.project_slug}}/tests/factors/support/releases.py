"""A team that builds, releases and runs the service, with real git and a fake container engine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factors.support.compose import read_services
from tests.factors.support.repository import GIT, PATH, copy_repository

FAKE_ENGINE = Path(__file__).with_name("fake_engine.py")
EXIT_REFUSED = 3
SECRET = "s" * 48


class Team:
    """A clone of the repository on a host with its own container engine."""

    def __init__(self, folder, clone):
        self.home, self.clone = folder, clone
        self.engine, self.state = folder / "engine", folder / "state"
        self.engine.mkdir(parents=True)
        command = self.engine / "engine"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {FAKE_ENGINE} "$@"\n')
        command.chmod(0o755)
        (self.engine / "services").write_text(json.dumps(read_services()))
        person = {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        (folder / "gitconfig").write_text(
            "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n"
        )
        self.environ = {
            **{"PATH": PATH, "HOME": str(folder), "TMPDIR": str(folder), "RUN_TIMEOUT": "1"},
            **{"CONTAINER_ENGINE": str(command), "FAKE_ENGINE": str(self.engine)},
            **{"XDG_STATE_HOME": str(self.state), **person},
        }

    def start(self, *words):
        """Start a command in the clone."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            words, cwd=self.clone, env=self.environ, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, *words, status=0):
        """Return the stdout of a command, or its stderr if it must fail; raises AssertionError."""
        process = self.start(*words)
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == status, f"{words}: {process.returncode} {stderr}"
        return (stdout if status == 0 else stderr).strip()

    def commit(self, *words):
        """Commit all changes."""
        self("git", "add", "--all")
        self("git", "commit", "--quiet", "--allow-empty", "--message", "Change", *words)

    def configure(self, deploy, **settings):
        """Write the configuration of a deploy."""
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        text = "".join([f"SECRET_KEY={SECRET}\n", *lines])
        (self.clone / f"config/{deploy}.env").write_text(text)

    def build(self):
        """Build the checked-out commit, and return the name of its image."""
        return self("bin/build", "--local")

    def builds(self):
        """Return the build commands that the engine received."""
        return [call for call in self.calls() if call[:2] == ["buildx", "build"]]

    def containers(self):
        """Return the containers of the engine."""
        return json.loads((self.engine / "containers").read_text())

    def ledger(self):
        """Return the ids of all releases, oldest first."""
        return [line.split()[0] for line in self("bin/release", "--list").splitlines()]

    def tags(self):
        """Return every tag with the id of its object."""
        return self("git", "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags")

    def show(self, release):
        """Return the fields of a release in the ledger."""
        lines = self("bin/release", "--show", release).splitlines()
        return dict(line.split(": ", 1) for line in lines)

    def calls(self):
        """Return the commands that the engine received."""
        return [json.loads(line) for line in (self.engine / "calls").read_text().splitlines()]


def create_team(folder):
    """Return a team with one commit, one remote and two deploys."""
    assert GIT or pytest.skip("needs git")
    team = Team(folder / "host", copy_repository(folder / "clone"))
    # Builds and releases need no virtual environment.
    shutil.rmtree(team.clone / ".venv")
    team("git", "init", "--quiet")
    team.commit()
    team("git", "init", "--quiet", "--bare", str(folder / "remote.git"))
    team("git", "remote", "add", "origin", str(folder / "remote.git"))
    team("git", "push", "--quiet", "origin", "HEAD")
    for deploy in ("staging", "production"):
        team.configure(deploy)
    return team


def add_host(team, folder):
    """Return a team on another host, with a clone of the same remote and the same images."""
    clone = folder / "clone"
    team("git", "clone", "--quiet", team("git", "remote", "get-url", "origin"), str(clone))
    other = Team(folder / "host", clone)
    os.link(team.clone / "config/staging.env", clone / "config/staging.env")
    shutil.copytree(team.engine / "images", other.engine / "images")
    return other
