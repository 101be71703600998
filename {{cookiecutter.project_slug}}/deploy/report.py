"""What bin/release --list, --show and --diff print."""

from __future__ import annotations

import json
from argparse import Namespace

from deploy import configs, env_file
from deploy.ledger import Ledger, Release, find


def print_releases(arguments: Namespace, ledger: Ledger) -> None:
    """Print what --list, --show or --diff asks for; raises Refusal."""
    if arguments.diff:
        found = [configs.find(find(ledger.releases, one)) for one in arguments.diff]
        lines = configs.differences(*map(env_file.parse, found))
    elif arguments.show:
        fields = find(ledger.releases, arguments.show)._asdict()
        names = {"id": "Release"}
        lines = [f"{names.get(key, key.title())}: {value or '-'}" for key, value in fields.items()]
        lines = [json.dumps(fields)] if arguments.json else lines
    else:
        releases = [one for one in ledger.releases if arguments.list in (True, one.deploy)]
        lines = [*map(summary, releases)]
        lines = [json.dumps([one._asdict() for one in releases])] if arguments.json else lines
    print("".join(f"{line}\n" for line in lines), end="")


def summary(release: Release) -> str:
    """Return a release in one line."""
    kind = f"{release.kind} to {release.restores}" if release.restores else release.kind
    image = release.image.rpartition("@")[2][:19]
    digests = f"image {image}  revision {release.revision[:12]}  config {release.config[:19]}"
    return f"{release.id}  {release.deploy}  {kind}  {digests}  {release.time}  {release.person}"
