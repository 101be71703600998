"""bin/setup of the service and of the template: what it installs, repairs and ignores."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service.variables import read_python_variables
from tests.support.environment import ROOT, SERVICE, environment
from tests.support.fixtures import Bake

LOCKED = (SERVICE / "requirements-dev.txt").read_text("utf-8")
ONE, OTHER = "iniconfig", "pathspec"
# Variables of the network, by which people are authenticated, or of a file of them: pip keeps these.
OF_NETWORK = re.compile(
    "PIP_(.*INDEX.*|FIND_LINKS|.*CERT|.*HOST|PROXY|.*TIMEOUT|.*RETRIES|.*CACHE_DIR|KEYRING_PROVIDER"
    "|NO_INPUT|USE_FEATURE)"
)
OTHERS = {"UV_SYSTEM_PYTHON": "1", "UV_PYTHON": "/nowhere", "CDPATH": ".:/"}


class Root:
    """Folder with bin/setup and the locks of a few packages."""

    def __init__(self, path: Path, locks: list[str]) -> None:
        self.path, self.locks = path, locks
        self.lock(ONE)

    def lock(self, *names: str) -> None:
        """Lock some packages without dependencies, and uv."""
        texts = ["".join(map(find_pin, names)), *[""] * (len(self.locks) - 2), find_pin("uv")]
        for name, text in zip(self.locks, texts, strict=True):
            (self.path / name).write_text(text)

    def run(self, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run bin/setup."""
        return subprocess.run(
            [self.path / "bin/setup"],
            env=environment(**extra),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def set_up(self, **extra: str) -> str:
        """Run bin/setup and return its output; raises AssertionError if it fails."""
        result = self.run(**extra)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def find_installed(self) -> set[str]:
        """Return which of the packages the environment can import; raises AssertionError."""
        program = "import sys, importlib.util as u; print(*filter(u.find_spec, sys.argv[1:]))"
        words: list[str | Path] = [self.path / ".venv/bin/python", "-Ic", program, ONE, OTHER]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return set(result.stdout.split())

    def has_working_scripts(self) -> bool:
        """Return True if pip runs by its own path."""
        return (
            subprocess.run([self.path / ".venv/bin/pip", "--version"], check=False).returncode == 0
        )


def find_pin(name: str) -> str:
    """Return the lines of a package in the lock."""
    [pin] = re.findall(rf"^{name}==.*\n(?: .*\n)*", LOCKED, re.MULTILINE)
    return str(pin)


def create_service(bake: Bake, folder: Path) -> Root:
    """Return a new service with small locks."""
    return Root(bake().copy_to(folder).path, ["requirements.txt", "requirements-dev.txt"])


def create_template(bake: Bake, folder: Path) -> Root:
    """Return a template with bin/setup and small locks only."""
    for name in ("bin", "requirements", SERVICE.name):
        (folder / name).mkdir()
    shutil.copy(ROOT / "bin/setup", folder / "bin")
    locks = [f"{SERVICE.name}/requirements{group}.txt" for group in ("", "-worker")]
    return Root(folder, [*locks, "requirements/runtime.txt", "requirements/dev.txt"])


@pytest.fixture(params=[create_service, create_template], ids=["service", "template"])
def root(request: pytest.FixtureRequest, bake: Bake, tmp_path: Path) -> Root:
    """Return a folder in which bin/setup has run."""
    create: Callable[[Bake, Path], Root] = request.param
    (tmp_path / "before").mkdir()
    root = create(bake, tmp_path / "before")
    root.set_up()
    (root.path / ".venv/mine").touch()
    return root


def read_pip_variables() -> dict[str, str]:
    """Return every variable of `pip install` that is not of the network, with a value that misleads."""
    words = [sys.executable, "-m", "pip", "install", "--help"]
    usage = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    options = re.findall(r"^  (?:-\w, )?--([a-z-]+)( <)?", usage, re.MULTILINE)
    variables = {
        f"PIP_{name.upper().replace('-', '_')}": "/nowhere" if value else "1"
        for name, value in options
    }
    return {name: text for name, text in variables.items() if not OF_NETWORK.fullmatch(name)}


def is_rebuilt(root: Root) -> bool:
    """Return True if the environment was made anew."""
    return not (root.path / ".venv/mine").exists()


def test_a_changed_lock_changes_the_environment_in_place(root: Root) -> None:
    assert root.set_up() == ""
    root.lock(OTHER)
    root.set_up()
    assert (root.find_installed(), is_rebuilt(root)) == ({OTHER}, False)
    assert root.set_up() == ""


def test_a_moved_folder_gets_a_new_environment(root: Root, tmp_path: Path) -> None:
    root.path = root.path.rename(tmp_path / "moved to")
    root.set_up()
    assert (root.find_installed(), root.has_working_scripts()) == ({ONE}, True)
    assert is_rebuilt(root)
    assert root.set_up() == ""


def test_an_environment_whose_python_is_gone_is_made_anew(root: Root) -> None:
    for python in (root.path / ".venv/bin").glob("python*"):
        python.unlink()
        python.symlink_to("/nowhere/python3")
    root.set_up()
    assert (root.find_installed(), is_rebuilt(root)) == ({ONE}, True)


def test_an_interrupted_installation_is_not_taken_for_a_complete_one(root: Root) -> None:
    root.lock(ONE, OTHER)
    assert root.run(PIP_NO_INDEX="1", PIP_FIND_LINKS="").returncode
    # The lock of the complete installation is back, but nobody knows how far the other one came.
    root.lock(ONE)
    root.set_up()
    assert (root.find_installed(), is_rebuilt(root)) == ({ONE}, True)


def test_no_variable_or_pip_conf_installs_elsewhere(root: Root, tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    folder.mkdir()
    (folder / "pip.conf").write_text(f"[install]\nuser = true\ntarget = {folder}/target\n")
    (tmp_path / "modules").mkdir()
    pip = read_pip_variables()
    assert len(pip) > 40
    names = [ONE, OTHER]
    for variables in (
        pip,
        {name: str(folder / name) for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_SRC")},
        {"PIP_CONFIG_FILE": str(folder / "pip.conf")},
        read_python_variables(tmp_path / "modules") | OTHERS,
    ):
        names.reverse()
        root.lock(names[0])
        root.set_up(**variables)
        assert root.find_installed() == {names[0]}, variables
        assert [path.name for path in folder.iterdir()] == ["pip.conf"], variables
