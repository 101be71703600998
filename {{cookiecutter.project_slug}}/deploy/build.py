"""Build the image of the checked-out commit, and print its name and digest for bin/release.

The image is pushed to {{ cookiecutter.image_repository }}, with SBOM and provenance where the builder
can store them. Words after -- are options of `docker buildx build`, such as -- --platform linux/arm64.

Exit status:
  0 built · 1 build failed · 2 usage · 3 refused · 4 container engine unavailable · 5 registry unavailable
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy import engine
from deploy.commit import check_complete, describe
from deploy.configs import SLUG
from deploy.images import inspect, login
from deploy.process import STDERR, Parser, run_script
from deploy.refusal import FAILED, NO_REMOTE, REFUSED, Refusal
from deploy.repository import git, open_repository, unpack

REPOSITORY = "{{ cookiecutter.image_repository }}"


def run_build(words: list[str], option: str) -> None:
    """Build an image; raises Refusal."""
    if engine.call(words, stdout=STDERR).status:
        remedy = f"fix the error, or run bin/build {option}-- --progress=plain for details"
        raise Refusal(FAILED, "image build failed", remedy)


def attestations() -> list[str]:
    """Return the options for SBOM and provenance, which Docker's classic image store cannot hold."""
    driver = engine.call(["buildx", "inspect"]).output()
    pattern = r"^Driver:\s*(docker-container|kubernetes|remote)"
    can_store = re.search(pattern, driver, re.MULTILINE) or (
        "io.containerd.snapshotter" in engine.call(["info"]).output()
    )
    provenance = "mode=max" if can_store else "false"
    return [f"--provenance={provenance}", f"--sbom={'true' if can_store else 'false'}"]


def push(source: Path, arguments: dict[str, str], options: list[str]) -> str:
    """Build and push an image, and return its name; raises Refusal."""
    tag, metadata = f"{REPOSITORY}:sha-{arguments['REVISION']}", source.parent / "metadata"
    # Two steps, to tell a failed build from a failed push, which takes the image from the cache
    run_build(engine.build(source, tag, arguments, "--provenance=false", *options), "")
    pushing = ["--push", "--metadata-file", str(metadata), *attestations(), *options]
    if engine.call(engine.build(source, tag, arguments, *pushing), stdout=STDERR).status:
        remedy = f"run {login(REPOSITORY)}, or bin/build --local without a registry"
        raise Refusal(NO_REMOTE, f"push to {REPOSITORY.partition('/')[0]} failed", remedy)
    found = json.loads(metadata.read_text("utf-8") or "{}") if metadata.exists() else {}
    if digest := found.get("containerimage.digest"):
        return f"{REPOSITORY}@{digest}"
    remedy = f"upgrade buildx: {engine.NAME} buildx version prints the installed one"
    raise Refusal(FAILED, "builder reported no image digest", remedy)


def main(words: Sequence[str]) -> None:
    """Build from the committed files alone, so that a commit always gives the same image."""
    parser = Parser("bin/build", "%(prog)s [--local] [-- BUILDX-OPTION …]", __doc__)
    parser.add_argument("--local", action="store_true", help="keep the image on this host: local/…")
    split = words.index("--") if "--" in words else len(words)
    is_local, options = parser.parse_args(words[:split]).local, [*words[split + 1 :]]
    remote = open_repository().remote
    head = git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if head.status:
        raise Refusal(REFUSED, "no commit yet", "run git add --all && git commit")
    check_complete(revision := head.stdout.strip())
    engine.require("buildx")
    with TemporaryDirectory() as folder:
        (source := Path(folder, "source")).mkdir()
        unpack(revision, source)
        arguments = describe(revision, remote)
        if not is_local:
            print(push(source, arguments, options))
            return
        tag = f"local/{SLUG}:sha-{revision}"
        run_build(engine.build(source, tag, arguments, "--load", *options), "--local ")
        if not (found := inspect(tag)):
            remedy = "run bin/build --local without options of its output"
            raise Refusal(FAILED, "builder loaded no image", remedy)
        print(f"local/{SLUG}@{found['Id']}")


if __name__ == "__main__":
    run_script("build", main)
