"""Run a release, or an admin command of it, in the cluster that its configuration names."""

from __future__ import annotations

import re
from argparse import Namespace

from deploy import manifests
from deploy.admin_job import run_admin_command
from deploy.cluster import Cluster
from deploy.files import lay_out, locked
from deploy.ledger import Release
from deploy.refusal import USAGE, Refusal

CONTEXT = re.compile(rb"^# kubectl context: *([^\s#]+)$", re.MULTILINE)


def find_context(config: bytes) -> str:
    """Return the context of kubectl that a configuration names, or "" for a deploy on a host."""
    found = CONTEXT.search(config)
    return found[1].decode() if found else ""


def run(context: str, release: Release, config: bytes, arguments: Namespace, timeout: int) -> None:
    """Run a release or an admin command, or print what a release would change; raises Refusal."""
    if arguments.instances or arguments.scale:
        remedy = "set minReplicas in the overlay of the deploy"
        raise Refusal(USAGE, "autoscalers set the numbers in a cluster", remedy)
    cluster = Cluster(context, release, timeout)
    if arguments.words:
        run_admin_command(cluster, arguments.words)
        return
    with locked(release.deploy):
        folder = lay_out(release, config)
        manifest = manifests.write(release, config, folder)
        if arguments.dry_run:
            cluster.show_changes(manifest)
            return
        cluster.roll_out(manifest, manifests.process_types(folder))
    print(f"{release.id} runs as {release.deploy} in {context}, namespace {cluster.namespace}")
