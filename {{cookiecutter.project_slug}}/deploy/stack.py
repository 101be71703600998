"""The compose project of a deploy: process types, backing services and the load balancer."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from deploy import engine
from deploy.configs import SLUG, path_of
from deploy.ledger import Release
from deploy.process import STDERR, Result, run
from deploy.refusal import FAILED, Refusal

BALANCER, BALANCER_PORT = "balancer", "8080"
# Runs in an instance: requests /version from the balancer, and compares the release.
PROBE = """
import json, os, sys
from http.client import HTTPConnection

host = os.environ.get("TRUSTED_HOSTS", "").partition(",")[0].lstrip(".") or "balancer"
connection = HTTPConnection("balancer", 8080, timeout=5)
connection.request("GET", "/version", headers={"Host": host})
sys.exit(json.load(connection.getresponse())["release"] != os.environ["RELEASE"])
"""


class Stack:
    """The services of a release, run by compose from the files of the release."""

    def __init__(self, release: Release, image: str, folder: Path) -> None:
        self.release, self.folder = release, folder
        self.project = f"{SLUG}-{release.deploy}"
        port = 20000 + int(run(["cksum"], self.project).output().split()[0]) % 10000
        self.environ = {
            "IMAGE": image,
            "DEPLOY": release.deploy,
            "RELEASE": release.id,
            "HTTP_PORT": os.environ.get("HTTP_PORT") or str(port),
        }
        self.services = self.read_services()
        # The label decides, and nothing else.
        self.types = [name for name, one in self.services.items() if "release" in one["labels"]]

    def compose(self, *words: str, stdout: int = STDERR) -> Result:
        """Run compose."""
        command = engine.compose(self.project, self.folder, *words)
        return engine.call(command, self.environ, stdout=stdout)

    def read_services(self) -> dict[str, Any]:
        """Return every service of compose.yaml; raises Refusal."""
        result = self.compose("config", "--format", "json", stdout=PIPE)
        if result.status:
            remedy = "fix the error that compose printed, then run bin/build"
            raise Refusal(FAILED, f"compose.yaml of {self.release.id} is invalid", remedy)
        services = json.loads(result.stdout)["services"]
        return {name: {"labels": {}, "depends_on": {}, **one} for name, one in services.items()}

    def backing_services(self) -> list[str]:
        """Return the services that are the host of a URL in the configuration."""
        config = (self.folder / path_of(self.release.deploy)).read_text("utf-8", "replace")
        hosts = re.findall(r"^\w+=[\w+.-]+://(?:[^/\s]*@)?([\w.-]+)", config, re.MULTILINE)
        return [name for name in self.services if name in hosts and name not in self.types]

    def upstreams(self) -> list[str]:
        """Return the process types behind the balancer, if there is one."""
        behind = self.services.get(BALANCER, {}).get("depends_on", {})
        return [name for name in self.types if name in behind]

    def start(self, services: Iterable[str], scale: Mapping[str, int] | None = None) -> bool:
        """Start services, leave what runs as it is, and return True on success."""
        return not self.compose(*engine.up(services, scale or {})).status

    def is_reached(self, instance_id: str) -> bool:
        """Return True if the balancer, which polls DNS for instances, forwards to the release."""
        probe = ["exec", instance_id, "python", "-I", "-S", "-c", PROBE]
        return not engine.call(probe, stderr=DEVNULL).status

    def address(self) -> str:
        """Return the address of the balancer on this host."""
        return self.compose("port", BALANCER, BALANCER_PORT, stdout=PIPE).output().strip()
