"""A deploy in a real cluster, whose nodes share the images of the container engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.kubernetes.pods import is_ready
from tests.releases.releasing import Team
from tests.support.containers import engine
from tests.support.environment import ROOT, TOOLS
from tests.support.service import eventually, get

SLUG, PAGE = "clustered", "clustered/visits/routes.py"
OLD_CLUSTER = ROOT / "tests/kubernetes/old_cluster.yaml"
REPLACED, ROLLOUT_SECONDS = "# kubectl context: replace-me", 120
WEB, WORKER = (f"--selector=app.kubernetes.io/component={name}" for name in ("web", "worker"))


@dataclass
class Deploy:
    """Deploy of a team, with a namespace of its own."""

    team: Team
    name: str

    @classmethod
    def prepare(cls, team: Team, name: str, **settings: str) -> Deploy:
        """Commit what an old cluster needs, and configure the deploy for it."""
        component = team.clone.path / "deploy/kubernetes/old-cluster"
        component.mkdir(exist_ok=True)
        shutil.copy(OLD_CLUSTER, component / "kustomization.yaml")
        overlay = f"deploy/kubernetes/overlays/{name}/kustomization.yaml"
        team.clone.write(overlay, team.clone.read(overlay) + "components: [../../old-cluster]\n")
        team.commit("Run in an old cluster")
        team.configure(name, **settings)
        line = f"# kubectl context: {run('kubectl', 'config', 'current-context')}\n"
        config = team.clone.read(f"config/{name}.env").replace(f"{REPLACED}\n", "")
        team.clone.write(f"config/{name}.env", line + config)
        return cls(team, name)

    @property
    def namespace(self) -> str:
        """Return the namespace."""
        return f"{self.team.clone.answers['project_slug']}-{self.name}"

    def kubectl(self, *words: str) -> str:
        """Run kubectl in the namespace, and return its output."""
        return run("kubectl", "--namespace", self.namespace, *words)

    def find(self, *words: str) -> Any:
        """Return what kubectl gets."""
        return json.loads(self.kubectl("get", *words, "--output=json"))

    def release(self) -> str:
        """Build, release and run what is committed, and return the id of the release."""
        number = self.team.release(self.name, self.team.build("--"))
        self.team.run("bin/run", number)
        return number

    @property
    def url(self) -> str:
        """Return the URL of the Service on this machine."""
        [port] = self.find("service", "web")["spec"]["ports"]
        return f"http://127.0.0.1:{port['nodePort']}"

    def version(self) -> str:
        """Return the release that answers."""
        return str(get(f"{self.url}/version").json()["release"])

    def find_pods(self, selector: str = WEB) -> list[dict[str, Any]]:
        """Return the pods of a process type, oldest first."""
        order = "--sort-by=.metadata.creationTimestamp"
        found: list[dict[str, Any]] = self.find("pods", selector, order)["items"]
        return found

    def pods(self) -> list[str]:
        """Return the names of those that are ready and do not end, oldest first."""
        return [one["metadata"]["name"] for one in self.find_pods() if is_ready(one)]

    def wait_for_pods(self, number: int, selector: str = WEB) -> None:
        """Wait until a number of pods are ready, and no other is left."""

        def settled() -> bool:
            found = self.find_pods(selector)
            return len(found) == number == sum(map(is_ready, found))

        eventually(settled, ROLLOUT_SECONDS, lambda: self.kubectl("logs", selector, "--tail=5"))

    def scale(self, name: str, number: int) -> None:
        """Let the autoscaler of a process type keep a number of pods."""
        bounds = {"spec": {"minReplicas": number, "maxReplicas": number}}
        self.kubectl("patch", "hpa", name, "--patch", json.dumps(bounds))

    def remove(self) -> None:
        """Remove the namespace, and wait until no container uses an image of the team."""
        self.kubectl("delete", "namespace", self.namespace, "--ignore-not-found")
        mine = f"label=io.kubernetes.pod.namespace={self.namespace}"
        # A node looks for containers without a pod once a minute.
        eventually(lambda: not engine("ps", "--all", "--quiet", "--filter", mine), 150)


def run(*words: str) -> str:
    """Run a command with the tools of this repository; raises AssertionError if it fails."""
    environ = {**os.environ, "PATH": TOOLS}
    result = subprocess.run(
        words, env=environ, capture_output=True, text=True, timeout=300, check=False
    )
    assert not result.returncode, f"{' '.join(words)}\n{result.stdout}{result.stderr}"
    return result.stdout.strip()
