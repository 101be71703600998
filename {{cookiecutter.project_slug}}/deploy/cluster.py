"""A deploy in a Kubernetes cluster: its namespace, and what runs there."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from deploy import manifests
from deploy.configs import SLUG
from deploy.ledger import Release
from deploy.process import STDERR, Result, ignore_interrupts, run
from deploy.refusal import FAILED, NO_ENGINE, Refusal

KUBECTL = Path(".venv/kubernetes/bin/kubectl")
NAME, VERSION = "app.kubernetes.io/name", "app.kubernetes.io/version"
# Kinds of objects that a process type consists of
OF_PROCESS_TYPES = "deployments,horizontalpodautoscalers,poddisruptionbudgets"


class Cluster:
    """The namespace of a deploy; a process type is a Deployment."""

    def __init__(self, context: str, release: Release, timeout: int) -> None:
        self.context, self.release, self.timeout = context, release, timeout
        self.namespace = manifests.namespace(release.deploy)
        if not KUBECTL.exists():
            raise Refusal(NO_ENGINE, f"no {KUBECTL}", "run bin/setup kubernetes")

    def kubectl(self, *words: str, stdin: str = "", **options: Any) -> Result:
        """Run kubectl."""
        place = ["--context", self.context, "--namespace", self.namespace]
        return run([str(KUBECTL), *place, *words], stdin, **{"stdout": STDERR, **options})

    def hint(self, *words: str) -> str:
        """Return a command that a person can paste."""
        place = f"--context {self.context} --namespace {self.namespace}"
        return f"run {KUBECTL} {place} {' '.join(words)}"

    def find(self, name: str) -> dict[str, Any]:
        """Return a Deployment, or an empty one; raises Refusal if the cluster does not answer."""
        words = ("get", "deployment", name, "--ignore-not-found", "--output=json")
        result = self.kubectl(*words, stdout=PIPE)
        if result.status:
            problem = f"cluster {self.context} does not answer"
            raise Refusal(NO_ENGINE, problem, self.hint("get", "deployments"))
        return dict(json.loads(result.stdout or "{}"))

    def show_changes(self, folder: Path) -> None:
        """Print what a release would change; raises Refusal."""
        # kubectl hides the values of Secrets. Its exit status is 1 if there are differences.
        if self.kubectl("diff", "--kustomize", str(folder), stdout=None).status > 1:
            problem = f"kubectl could not compare {self.release.id}"
            raise Refusal(FAILED, problem, "correct what kubectl printed, then repeat")

    def roll_out(self, folder: Path, types: list[str]) -> None:
        """Replace the pods of every process type; raises Refusal, after going back."""
        before = {name: self.find(name) for name in types}
        try:
            if self.kubectl("apply", "--kustomize", str(folder)).status:
                raise self.failure("kubectl could not apply it", "correct what kubectl printed")
            deadline = time.monotonic() + self.timeout
            for name in types:
                self.wait_for(name, max(math.ceil(deadline - time.monotonic()), 1))
        except BaseException:
            ignore_interrupts()
            self.go_back(before)
            raise
        self.remove_others()

    def wait_for(self, name: str, seconds: int) -> None:
        """Wait until every pod of a process type is of the release; raises Refusal."""
        words = ("rollout", "status", f"deployment/{name}", f"--timeout={seconds}s")
        if self.kubectl(*words).status:
            selector = f"--selector={VERSION}={self.release.id}"
            self.kubectl("logs", selector, "--all-containers", "--tail=3", stderr=DEVNULL)
            logs = self.hint("describe", "pods", selector)
            raise self.failure(f"{name} was not ready", logs)

    def go_back(self, before: dict[str, dict[str, Any]]) -> None:
        """Restore the Deployments of earlier releases, and delete those that had none."""
        for name, deployment in before.items():
            if not deployment:
                self.kubectl("delete", "deployment", name, "--ignore-not-found", "--wait=false")
            else:
                # Unlike `rollout undo`, this restores what the next `apply` compares with.
                del deployment["metadata"]["resourceVersion"]
                self.kubectl("replace", "--filename=-", stdin=json.dumps(deployment))

    def remove_others(self) -> None:
        """Delete the process types of earlier releases that this one does not have; raises Refusal."""
        # Every object of this release carries its id by now.
        selector = f"{NAME}={SLUG},{VERSION},{VERSION}!={self.release.id}"
        words = ("delete", OF_PROCESS_TYPES, f"--selector={selector}", "--wait=false")
        if self.kubectl(*words).status:
            problem = f"{self.release.id} runs, but earlier process types are left"
            raise Refusal(FAILED, problem, f"run bin/run {self.release.id}")

    def failure(self, problem: str, remedy: str) -> Refusal:
        """Return the refusal of a rollout."""
        left = "(earlier pods keep running)"
        return Refusal(FAILED, f"{self.release.id}: {problem}", f"{remedy} {left}")
