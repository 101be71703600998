"""bin/lock of the template asks the index that pip is configured with."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.baking import BakedProject
from tests.support.environment import ROOT, SERVICE

INPUTS = [*ROOT.glob("requirements/*"), *SERVICE.glob("requirements*")]
FOREIGN = re.compile(r"(?i)(PIP|UV|SSL)_.*|.*_PROXY|.*_CA_BUNDLE")


@pytest.fixture
def index() -> Iterator[Any]:
    """Run the package index of the gate, which lists one package."""
    path = SERVICE / "tests/factors/support/package_index.py"
    spec = importlib.util.spec_from_file_location("package_index", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.PackageIndex() as index:
        Thread(target=index.serve_forever, daemon=True).start()
        yield index
        index.shutdown()


@pytest.fixture
def template(tmp_path: Path) -> BakedProject:
    """Return a copy of the inputs, locks and scripts, with one package in each input."""
    for path in [*INPUTS, ROOT / "bin/setup", ROOT / "bin/lock", SERVICE / "dev/pip_config.py"]:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
        if copy.suffix == ".in":
            copy.write_text("shouty\n")
    (tmp_path / ".venv").symlink_to((ROOT / ".venv").resolve())
    return BakedProject(tmp_path, {})


def test_every_lock_comes_from_the_index_of_pip_and_names_no_address(
    index: Any, template: BakedProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in filter(FOREIGN.fullmatch, list(os.environ)):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    result = template.run("bin/lock", PIP_INDEX_URL=f"{index.url}/simple", UV_NO_CACHE="1")
    assert index.asked["/simple/shouty/"]
    locks = [path.read_text("utf-8") for path in template.path.rglob("requirements*/*.txt")]
    locks += [path.read_text("utf-8") for path in template.path.rglob("requirements*.txt")]
    assert len(locks) == len([path for path in INPUTS if path.suffix == ".txt"])
    assert all("shouty==1.0 \\\n    --hash=sha256:" in text for text in locks)
    assert not [text for text in [*locks, result.stderr] if "127.0.0.1" in text]
