"""Released configurations, which contain secrets: kept on this host, named by their fingerprint."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import mkstemp

from deploy import env_file
from deploy.ledger import Release
from deploy.refusal import REFUSED, Refusal

SLUG = "{{ cookiecutter.project_slug }}"


def state_folder() -> Path:
    """Return where this host keeps releases; raises Refusal.

    https://specifications.freedesktop.org/basedir-spec
    """
    base = Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"))
    if not base.is_absolute():
        remedy = "set XDG_STATE_HOME to an absolute path"
        raise Refusal(REFUSED, f"state folder {base} is relative", remedy)
    return base / SLUG


def path_of(deploy: str) -> Path:
    """Return the configuration file of a deploy."""
    return Path(f"config/{deploy}.env")


def fingerprint(content: bytes) -> str:
    """Return the SHA-256 digest of a configuration."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def kept_file(digest: str) -> Path:
    """Return the path of a kept configuration."""
    return state_folder() / "config" / f"{digest.partition(':')[2]}.env"


def keep(content: bytes) -> None:
    """Keep a configuration, readable for its owner alone; the rename is atomic."""
    target = kept_file(fingerprint(content))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = mkstemp(prefix="new.", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, 0o400)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def find(release: Release) -> bytes:
    """Return the kept configuration of a release; raises Refusal if it is missing or modified."""
    path = kept_file(release.config)
    content = path.read_bytes() if path.exists() else b""
    if fingerprint(content) != release.config:
        remedy = f"copy {path} from the host that released {release.id}"
        raise Refusal(REFUSED, f"configuration of {release.id} missing or modified here", remedy)
    return content


def read(deploy: str) -> bytes:
    """Return the present configuration of a deploy; raises Refusal if Docker could misread it."""
    path = path_of(deploy)
    if not path.exists():
        remedy = f"run cp config/staging.env.example {path} and edit it"
        raise Refusal(REFUSED, f"no {path}", remedy)
    return env_file.read(path, "bin/release")


def differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return the names of the settings that were added, removed or changed, sorted."""
    return [
        f"{name} {'added' if name not in old else 'changed' if name in new else 'removed'}"
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
