"""Release an image with the configuration of a deploy, and print the id of the release.

The ledger is in git: a release is an annotated tag on the image's revision, pushed at once if
there is a remote.

Exit status:
  0 done · 1 failed · 2 usage · 3 refused · 4 container engine unavailable · 5 remote or registry unavailable
"""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Sequence

from deploy import configs, engine
from deploy.claim import claim_next_id, message
from deploy.ids import next_id
from deploy.images import check_config, find_revision, pull
from deploy.ledger import Ledger, Release, find, open_ledger
from deploy.process import Parser, run_script, word
from deploy.refusal import REFUSED, USAGE, Refusal
from deploy.report import print_releases
from deploy.repository import list_tags, open_repository

USAGE_LINE = (
    "%(prog)s DEPLOY [IMAGE@DIGEST] [--dry-run] | --rollback ID [--keep-config] [--dry-run]"
    " | --list [DEPLOY] [--json] | --show ID [--json] | --diff ID ID"
)
# Arguments that belong together: the first is required, the others are optional.
FORMS: dict[str, set[str]] = {
    "deploy": {"image", "dry_run"},
    "rollback": {"keep_config", "dry_run"},
    "list": {"json"},
    "show": {"json"},
    "diff": set(),
}


def parse(words: Sequence[str]) -> Namespace:
    """Return the arguments of the command line."""
    parser = Parser("bin/release", USAGE_LINE, __doc__)
    add = parser.add_argument
    add("deploy", nargs="?", type=word, help="deploy, whose configuration is config/DEPLOY.env")
    add("image", nargs="?", type=word, help="image that bin/build printed; default: the latest one")
    add("--rollback", metavar="ID", type=word, help="release an earlier image and configuration")
    add("--keep-config", action="store_true", help="roll back with the present configuration")
    add("--dry-run", action="store_true", help="run all checks, print the record, change nothing")
    add("--list", nargs="?", const=True, metavar="DEPLOY", type=word, help="list the releases")
    add("--show", metavar="ID", type=word, help="print the record of a release")
    add("--diff", nargs=2, metavar="ID", type=word, help="print the names of different settings")
    add("--json", action="store_true", help="list or show as JSON")
    arguments = parser.parse_intermixed_args(words)
    given = {name for name, value in vars(arguments).items() if value not in (None, False)}
    if not any(one in given and given <= {one, *others} for one, others in FORMS.items()):
        parser.error("these arguments do not belong together")
    return arguments


def choose(arguments: Namespace, ledger: Ledger) -> Release:
    """Return the release to make; its configuration is "" for the present one; raises Refusal."""
    if arguments.rollback:
        old = find(ledger.releases, arguments.rollback)
        config = "" if arguments.keep_config else old.config
        return old._replace(kind="rollback", config=config, restores=old.id)
    deploy, image = arguments.deploy, arguments.image
    if not re.fullmatch("[a-z0-9][a-z0-9-]*", deploy):
        remedy = "use lower-case letters, digits and hyphens"
        raise Refusal(USAGE, f"invalid deploy name {deploy}", remedy)
    if image and not re.fullmatch("[^@]+@sha256:[0-9a-f]{64}", image):
        remedy = "run bin/build, which prints name@sha256:…"
        raise Refusal(USAGE, f"not an image digest: {image}", remedy)
    if image:
        return Release("", deploy, "deploy", image, "", "")
    releases = [one for one in ledger.releases if one.deploy == deploy]
    if not releases:
        remedy = f'run bin/release {deploy} "$(bin/build)"'
        raise Refusal(REFUSED, f"{deploy} has no release yet", remedy)
    latest, path = releases[-1], configs.path_of(deploy)
    if path.exists() and configs.fingerprint(path.read_bytes()) == latest.config:
        raise Refusal(REFUSED, f"{path} is unchanged since {latest.id}", f"run bin/run {latest.id}")
    return latest._replace(kind="config", config="", restores=None)


def main(words: Sequence[str]) -> None:
    """Read the ledger, or check an image and a configuration and record them."""
    arguments = parse(words)
    is_write = bool(arguments.deploy or arguments.rollback)
    with open_ledger(open_repository(), is_write) as ledger:
        if not is_write:
            print_releases(arguments, ledger)
            return
        release = choose(arguments, ledger)
        content = configs.find(release) if release.config else b""
        engine.require()
        image = pull(release.image, release.revision)
        release = release._replace(revision=find_revision(release.image))
        # Check and keep the same bytes, even if the file changes meanwhile.
        content = content or configs.read(release.deploy)
        file = ledger.scratch / "config.env"
        file.write_bytes(content)
        check_config(release, image, file)
        release = release._replace(config=configs.fingerprint(content))
        if arguments.dry_run:
            print(message(release._replace(id=next_id(list_tags(ledger.repository)))), end="")
            return
        configs.keep(content)
        claimed = claim_next_id(ledger, release).id
    print(f"bin/release: recorded {claimed}; run bin/run {claimed}", file=sys.stderr)
    print(claimed)


if __name__ == "__main__":
    run_script("release", main)
