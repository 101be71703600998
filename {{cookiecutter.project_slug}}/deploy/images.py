"""Images: their names, their revision, and the check of a configuration by the service in them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, STDOUT
from typing import Any

from deploy import engine, env_file
from deploy.configs import SLUG, path_of
from deploy.ledger import Release
from deploy.process import STDERR
from deploy.refusal import NO_ENGINE, NO_REMOTE, REFUSED, Refusal
from deploy.repository import has_commit

REVISION_LABEL = "org.opencontainers.image.revision"
ENGINE_ERROR = 125  # the lowest exit status of `docker run` itself
# How the service refuses a configuration, and a secret whose file is missing (runtime/settings.py)
REFUSED_TITLE, UNREADABLE = "Configuration refused:", "expected the path of a readable text file"


def login(image: str) -> str:
    """Return the command that logs in to the registry of an image."""
    host, slash, _ = image.partition("/")
    is_host = slash and re.search("[.:]", host)
    return f"{engine.NAME} login {host}" if is_host else f"{engine.NAME} login"


def name_of(image: str) -> str:
    """Return the engine's name of an image: one that was never pushed has an id, but no digest."""
    return image.partition("@")[2] if image.startswith(f"local/{SLUG}@") else image


def inspect(image: str) -> dict[str, Any]:
    """Return the description of an image, or an empty one if this host lacks it."""
    found = engine.call(["image", "inspect", name_of(image)], stderr=DEVNULL).stdout
    return dict(json.loads(found)[0]) if found.strip() not in ("", "[]") else {}


def pull(image: str, revision: str) -> str:
    """Pull an image if this host lacks it, and return the engine's name of it; raises Refusal."""
    if not inspect(image):
        if name_of(image) != image:
            remedy = f"run git checkout {revision or 'REVISION'} && bin/build --local"
            raise Refusal(REFUSED, f"no image {image} on this host", remedy)
        if engine.call(["pull", "--quiet", image], stdout=STDERR).status:
            remedy = f"run {login(image)}, or bin/build if it was deleted"
            raise Refusal(NO_REMOTE, f"cannot pull {image}", remedy)
    return name_of(image)


def find_revision(image: str) -> str:
    """Return the commit of an image; raises Refusal if this clone lacks it."""
    labels = inspect(image)["Config"].get("Labels") or {}
    revision = labels.get(REVISION_LABEL, "")
    if re.fullmatch("[0-9a-f]{40,}", revision) and has_commit(revision):
        return str(revision)
    remedy = "run git fetch (shallow clone: git fetch --unshallow), or bin/build"
    raise Refusal(REFUSED, f"revision {revision or 'unknown'} of {image} not found", remedy)


def check_config(release: Release, image: str, file: Path) -> None:
    """Have the service in the image check a configuration; raises Refusal."""
    result = engine.call(engine.check_settings(image, file), stderr=STDOUT)
    if not result.status:
        return
    if unchecked := only_missing_files(result.stdout, env_file.parse(file.read_bytes())):
        note = f"{unchecked} not checked: only instances have the file"
        print(f"bin/release: {note}", file=sys.stderr)
        return
    print(result.stdout, end="", file=sys.stderr)
    if result.status >= ENGINE_ERROR:
        problem = f"cannot run {release.image} (exit status {result.status})"
        raise Refusal(NO_ENGINE, problem, f"run {engine.NAME} run --rm {image} true")
    remedy = f"edit it, then run bin/release {release.deploy} {release.image} --dry-run"
    raise Refusal(REFUSED, f"the service rejects {path_of(release.deploy)}", remedy)


def only_missing_files(report: str, config: Mapping[str, str]) -> str:
    """Return the settings <NAME>_FILE without a readable file, or "" if there is another problem."""
    title, *problems = report.splitlines() or [""]
    names = re.findall(rf"^  ([A-Z_]+): {UNREADABLE} \(", report, re.MULTILINE)
    is_all = title == REFUSED_TITLE and len(names) == len(problems)
    files = [f"{name}_FILE" for name in names if f"{name}_FILE" in config]
    return ", ".join(files) if is_all and len(files) == len(names) else ""
