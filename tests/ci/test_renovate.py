"""Renovate reads the configuration, the locks and the pins of the template and of a service."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT, SERVICE
from tests.support.fixtures import Bake

LOCKS = sorted([*SERVICE.glob("requirements*.txt"), *ROOT.glob("requirements/*.txt")])
CONFIGS = [ROOT / "renovate.json", SERVICE / "renovate.json"]
# Rules of Renovate's manager pip-compile, lib/modules/manager/pip-compile/common.ts
HEADER = re.compile(r"^(#.*?\r?\n)+# {4}(?P<command>\S*)(?P<arguments> .*?)?\r?\n")
OPTIONS = re.compile(
    "--(universal|generate-hashes|(python-version|output-file|constraints?|extra)=.+)"
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_renovate_finds_the_command_of_a_lock(lock: Path) -> None:
    header = HEADER.match(lock.read_text("utf-8"))
    assert header
    words = shlex.split(header["arguments"])
    assert [header["command"], *words[:2]] == ["uv", "pip", "compile"]
    options = [word for word in words[2:] if word.startswith("-")]
    assert [option for option in options if not OPTIONS.fullmatch(option)] == []
    assert f"--output-file={lock.name}" in options
    [source] = [word for word in words[2:] if not word.startswith("-")]
    assert (lock.parent / source).exists()


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.parent.name)
def test_the_configuration_is_valid_and_finds_every_lock(config: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.renovate"]
    subprocess.run([*command, config], check=True)
    patterns = json.loads(config.read_text("utf-8"))["pip-compile"]["managerFilePatterns"]
    folder = config.parent
    expected = [lock for lock in LOCKS if folder in lock.parents]
    found = [
        lock
        for lock in expected
        if any(re.search(one.strip("/"), lock.relative_to(folder).as_posix()) for one in patterns)
    ]
    assert found == expected


def test_a_service_and_the_template_update_alike(bake: Bake) -> None:
    service, template = (json.loads(path.read_text("utf-8")) for path in reversed(CONFIGS))
    assert json.loads(bake().read("renovate.json")) == service
    for config in (service, template):
        del config["pip-compile"]
        for rule in config["packageRules"]:
            rule.pop("description", "")
    assert service == template
