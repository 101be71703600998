"""A team that builds, releases and runs the service, with git as it is and a stand-in for the container engine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.factors.support.repository import GIT, PATH, copied

STANDIN = Path(__file__).with_name("standin.py")
REFUSED = 3
SECRET = "s" * 48


class Team:
    """A clone of the repository on a host with an engine of its own."""

    def __init__(self, folder, clone):
        self.home, self.clone = folder, clone
        self.engine, self.state = folder / "engine", folder / "state"
        self.engine.mkdir(parents=True)
        command = self.engine / "engine"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {STANDIN} "$@"\n')
        command.chmod(0o755)
        person = {"GIT_CONFIG_GLOBAL": str(folder / "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        (folder / "gitconfig").write_text(
            "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n"
        )
        self.environ = {
            **{"PATH": PATH, "HOME": str(folder), "TMPDIR": str(folder), "RUN_TIMEOUT": "1"},
            **{"CONTAINER_ENGINE": str(command), "STANDIN": str(self.engine)},
            **{"XDG_STATE_HOME": str(self.state), **person},
        }

    def start(self, *words):
        """Start a command in the clone."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            words, cwd=self.clone, env=self.environ, stdout=pipe, stderr=pipe, text=True
        )

    def __call__(self, *words, status=0):
        """Return what a command prints; raises AssertionError at another status."""
        process = self.start(*words)
        said, complained = process.communicate(timeout=120)
        assert process.returncode == status, f"{words}: {process.returncode} {complained}"
        return (said if status == 0 else complained).strip()

    def commit(self, *words):
        """Commit everything."""
        self("git", "add", "--all")
        self("git", "commit", "--quiet", "--allow-empty", "--message", "Change", *words)

    def configure(self, deploy, **settings):
        """Write the configuration of a deploy."""
        lines = [f"{name}={value}\n" for name, value in settings.items()]
        text = "".join([f"SECRET_KEY={SECRET}\n", *lines])
        (self.clone / f"config/{deploy}.env").write_text(text)

    def build(self):
        """Return the name of the image of what is checked out."""
        return self("bin/build", "--local")

    def builds(self):
        """Return the calls of the engine that built something."""
        return [call for call in self.calls() if call[:2] == ["buildx", "build"]]

    def ledger(self):
        """Return the ids of all releases, the oldest first."""
        return [line.split()[0] for line in self("bin/release", "--list").splitlines()]

    def tags(self):
        """Return every tag with the object it names."""
        return self("git", "for-each-ref", "--format=%(refname:strip=2) %(objectname)", "refs/tags")

    def show(self, release):
        """Return what the ledger says of a release."""
        lines = self("bin/release", "--show", release).splitlines()
        return dict(line.split(": ", 1) for line in lines)

    def calls(self):
        """Return what the engine was asked so far."""
        return [json.loads(line) for line in (self.engine / "calls").read_text().splitlines()]


def a_team(folder):
    """Return a team with a commit, a remote and two deploys."""
    assert GIT or pytest.skip("needs git")
    team = Team(folder / "host", copied(folder / "clone"))
    # Here the environment is made of links, and .gitignore means a folder of another name.
    shutil.rmtree(team.clone / ".venv")
    team("git", "init", "--quiet")
    team.commit()
    team("git", "init", "--quiet", "--bare", str(folder / "remote.git"))
    team("git", "remote", "add", "origin", str(folder / "remote.git"))
    team("git", "push", "--quiet", "origin", "HEAD")
    for deploy in ("staging", "production"):
        team.configure(deploy)
    return team


def another_host(team, folder):
    """Return a colleague of the team, with a clone of the remote and nothing else in common."""
    clone = folder / "clone"
    team("git", "clone", "--quiet", team("git", "remote", "get-url", "origin"), str(clone))
    other = Team(folder / "host", clone)
    os.link(team.clone / "config/staging.env", clone / "config/staging.env")
    shutil.copytree(team.engine / "images", other.engine / "images")
    return other
