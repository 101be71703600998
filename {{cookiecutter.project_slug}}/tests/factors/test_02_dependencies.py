"""II. Dependencies: explicitly declared and isolated. https://12factor.net/dependencies"""

import ast
import os
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

from tests.factors.support.assertions import proves
from tests.factors.support.instance import PACKAGE
from tests.factors.support.repository import CODE, copy_repository, read_texts
from tests.support.service import ROOT

# The locks of the image
SHIPPED = re.findall("^!(requirements.*)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
PRODUCTION, DEVELOPMENT = [lock[:-3] + "in" for lock in SHIPPED], "requirements-dev.in"
LOCKS = [path.name for path in sorted(ROOT.glob("requirements*.txt"))]
# What bin/setup installs; each further group has an environment of its own, once it is installed.
MAIN = [*SHIPPED, "requirements-dev.txt"]
PIN = re.compile(r"([\w.-]+)(?:\[.*\])?==([^\s;]+)( ; .+?)?((?: --hash=sha256:[0-9a-f]{64})+)")
# A package that no lock contains.
UNLOCKED = "cowsay"
# Python versions as pairs of major and minor; a pattern has one group for each.
BASE_IMAGE = r"^(?:ARG \w+=|FROM )(?:\S+/)?python:(\d+)\.(\d+)"
PYTHON = r"^(\d+)\.(\d+)$"
LINT_TARGETS = [r'^target-version = "py(\d)(\d+)"$', r'^python_version = "(\d)\.(\d+)"$']
# Files that start programs.
PROGRAMS = r"(?!tests/).*(?:file|\.py|\.sh|\.toml|\.ya?ml)|bin/.+"


def normalize(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def list_environments():
    """Return the locks of every virtual environment that is installed."""
    groups = {lock: lock.removeprefix("requirements-").removesuffix(".txt") for lock in LOCKS}
    further = {ROOT / ".venv" / groups[lock]: [lock] for lock in LOCKS if lock not in MAIN}
    installed = {path: locks for path, locks in further.items() if path.exists()}
    return {Path(sys.prefix): MAIN, **installed}


def read_lock(lock):
    """Return the requirements of a lock, one line each."""
    lines = (ROOT / lock).read_text().replace(" \\\n   ", "").splitlines()
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def read_pythons(name, pattern):
    """Return the Python versions that a file names, as pairs of major and minor."""
    found = re.findall(pattern, (ROOT / name).read_text(), re.MULTILINE)
    return {(int(major), int(minor)) for major, minor in found}


def check_lock(project):
    command = [project / "bin/lock", "--check"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def find_imports(text):
    """Return the third-party packages that a program imports."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    own = {*sys.stdlib_module_names, PACKAGE, "deploy", "dev", "tests"}
    return {name.partition(".")[0] for name in names} - own


def read_inputs(*inputs):
    """Return the normalized names of the declared dependencies."""
    text = "\n".join((ROOT / name).read_text() for name in inputs)
    return {normalize(name) for name in re.findall(r"^\w[\w.-]*", text, re.MULTILINE)}


@proves("II.1")
@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock, evidence):
    lines = read_lock(lock)

    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    evidence(f"{len(lines)} packages in {lock}")


@proves("II.1")
@pytest.mark.parametrize(("path", "locks"), list_environments().items())
def test_installed_packages_match_the_locks(path, locks):
    pins = [PIN.match(line) for lock in locks for line in read_lock(lock)]
    locked = {normalize(pin[1]): pin[2] for pin in pins}
    conditional = {normalize(pin[1]) for pin in pins if pin[3]}
    places = [str(place) for place in path.glob("lib/python*/site-packages")]
    installed = {normalize(one.name): one.version for one in distributions(path=places)}
    # A new virtual environment contains them.
    for name in {"pip", "setuptools"} - set(locked):
        installed.pop(name, None)

    assert installed.items() <= locked.items()
    assert set(locked) - set(installed) <= conditional


@proves("II.1")
def test_every_pip_install_requires_hashes():
    commands = [
        line
        for text in read_texts(PROGRAMS).values()
        for line in text.replace("\\\n", " ").splitlines()
        if re.search(r"\bpip3? (install|sync)\b", line)
    ]

    assert commands
    assert [line for line in commands if "--require-hashes" not in line] == []


@proves("II.2")
def test_an_unlocked_dependency_fails_the_lock_check(tmp_path):
    project = copy_repository(tmp_path / "project")
    before = check_lock(project)
    if "Failed to fetch" in before.stderr:
        pytest.skip("needs the package index")
    assert before.returncode == 0, before.stdout + before.stderr

    with (project / PRODUCTION[0]).open("a") as inputs:
        inputs.write(f"{UNLOCKED}\n")
    subprocess.run([project / "bin/setup"], check=True, timeout=120)
    after = check_lock(project)
    assert after.returncode == 1, after.stdout + after.stderr
    assert f"+{UNLOCKED}==" in after.stdout
    # bin/setup did not lock it on the fly.
    assert [lock for lock in LOCKS if UNLOCKED in (project / lock).read_text()] == []


@proves("II.4")
def test_packages_of_the_user_site_are_not_imported(start, tmp_path):
    folder = sysconfig.get_path("purelib", f"{os.name}_user", {"userbase": str(tmp_path)})
    Path(folder).mkdir(parents=True)
    # Python imports usercustomize at its start if the user site is enabled.
    Path(folder, "usercustomize").with_suffix(".py").write_text("import os; os._exit(1)")

    assert start(PYTHONUSERBASE=str(tmp_path)).count() == 1
    assert sys.prefix != sys.base_prefix, "no virtual environment"


@proves("II.4")
def test_no_program_extends_the_import_path():
    extension = re.compile(
        r"^(?!unset ).*(PYTHONPATH|PYTHONUSERBASE|--system-site-packages|--user\b)", re.MULTILINE
    )

    assert [name for name, text in read_texts(PROGRAMS).items() if extension.search(text)] == []


@proves("II.4")
@pytest.mark.parametrize(
    ("programs", "inputs"),
    [
        pytest.param(CODE, PRODUCTION, id="production"),
        pytest.param(r"(?:dev|tests)/.+\.py", [*PRODUCTION, DEVELOPMENT], id="development"),
    ],
)
def test_every_import_is_a_declared_dependency(programs, inputs):
    packages, names = packages_distributions(), read_inputs(*inputs)
    modules = {module for text in read_texts(programs).values() for module in find_imports(text)}
    undeclared = [
        module for module in modules if not names & set(map(normalize, packages.get(module, ())))
    ]

    assert modules
    assert sorted(undeclared) == []


@proves("II.7")
def test_the_image_runs_the_python_of_python_version():
    if not (ROOT / "Dockerfile").exists():
        pytest.skip("needs the Dockerfile")

    assert read_pythons("Dockerfile", BASE_IMAGE) == read_pythons(".python-version", PYTHON)


@proves("II.7")
def test_linters_and_locks_are_for_the_oldest_python_of_development():
    [production] = read_pythons(".python-version", PYTHON)
    [oldest] = read_pythons("bin/setup", r"find_python (\d+)\.(\d+)")
    targets = {read_pythons("pyproject.toml", pattern).pop() for pattern in LINT_TARGETS}

    assert targets | read_pythons("bin/lock", r"--python-version (\d+)\.(\d+)") == {oldest}
    assert oldest <= production
