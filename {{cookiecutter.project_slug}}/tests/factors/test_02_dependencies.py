"""II. Dependencies: declared, exact and isolated. https://12factor.net/dependencies"""

import ast
import os
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest

from tests.factors.support.additions import PACKAGE
from tests.factors.support.repository import CODE, copied, texts
from tests.support.service import ROOT

PRODUCTION, DEVELOPMENT = "requirements.in", "requirements-dev.in"
LOCKS = [path.name for path in sorted(ROOT.glob("requirements*.txt"))]
PIN = re.compile(r"([\w.-]+)(?:\[.*\])?==([^\s;]+)( ; .+?)?((?: --hash=sha256:[0-9a-f]{64})+)")
# Not what happens to be locked, and so what a stale lock has not.
UNLOCKED = "cowsay"
# Where the one version of Python stands; its parts are the groups.
PYTHONS = [
    ("pyproject.toml", r'^target-version = "py(\d)(\d+)"$'),
    ("pyproject.toml", r'^python_version = "(\d)\.(\d+)"$'),
]
# What starts other programs.
PROGRAMS = r"(?!tests/).*(?:file|\.py|\.sh|\.toml|\.ya?ml)|bin/.+"


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(lock):
    """Return every requirement of a lock, each in one line."""
    lines = (ROOT / lock).read_text().replace(" \\\n   ", "").splitlines()
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]


def check_lock(project):
    command = [project / "bin/lock", "--check"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)


def imported(text):
    """Return the packages of others that a program imports."""
    nodes = list(ast.walk(ast.parse(text)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return {name.partition(".")[0] for name in names} - {*sys.stdlib_module_names, PACKAGE, "tests"}


def declared(*inputs):
    text = "\n".join((ROOT / name).read_text() for name in inputs)
    return {normal(name) for name in re.findall(r"^\w[\w.-]*", text, re.MULTILINE)}


@pytest.mark.parametrize("lock", LOCKS)
def test_II_1_every_package_is_pinned_with_its_hashes(lock, evidence):
    lines = requirements(lock)

    assert lines
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    evidence(f"{len(lines)} packages in {lock}")


def test_II_1_what_is_installed_is_what_is_locked():
    pins = [PIN.match(line) for lock in LOCKS for line in requirements(lock)]
    locked = {normal(pin[1]): pin[2] for pin in pins}
    elsewhere = {normal(pin[1]) for pin in pins if pin[3]}
    installed = {normal(one.name): one.version for one in distributions()}
    # They come with a virtual environment.
    for name in {"pip", "setuptools"} - set(locked):
        installed.pop(name, None)

    assert installed.items() <= locked.items()
    assert set(locked) - set(installed) <= elsewhere


def test_II_1_nothing_is_installed_without_its_hash():
    commands = [
        line
        for text in texts(PROGRAMS).values()
        for line in text.replace("\\\n", " ").splitlines()
        if re.search(r"\bpip3? (install|sync)\b", line)
    ]

    assert commands
    assert [line for line in commands if "--require-hashes" not in line] == []


def test_II_2_a_dependency_that_is_not_locked_fails_the_check(tmp_path):
    project = copied(tmp_path / "project")
    before = check_lock(project)
    if "Failed to fetch" in before.stderr:
        pytest.skip("needs the package index")
    assert before.returncode == 0, before.stdout + before.stderr

    with (project / PRODUCTION).open("a") as inputs:
        inputs.write(f"{UNLOCKED}\n")
    subprocess.run([project / "bin/setup"], check=True, timeout=120)
    after = check_lock(project)
    assert after.returncode == 1, after.stdout + after.stderr
    assert f"+{UNLOCKED}==" in after.stdout
    # Nothing has locked it on the fly.
    assert [lock for lock in LOCKS if UNLOCKED in (project / lock).read_text()] == []


def test_II_4_nothing_from_outside_takes_part(start, tmp_path):
    folder = sysconfig.get_path("purelib", f"{os.name}_user", {"userbase": str(tmp_path)})
    Path(folder).mkdir(parents=True)
    # Where a Python has packages of its user, it runs this when it starts.
    Path(folder, "usercustomize").with_suffix(".py").write_text("import os; os._exit(1)")

    assert start(PYTHONUSERBASE=str(tmp_path)).visit() == 1
    assert sys.prefix != sys.base_prefix, "no virtual environment"


def test_II_4_no_program_opens_the_environment():
    outside = re.compile("PYTHONPATH|PYTHONUSERBASE|--system-site-packages|--user\\b")

    assert [name for name, text in texts(PROGRAMS).items() if outside.search(text)] == []


@pytest.mark.parametrize(
    ("programs", "inputs"),
    [
        pytest.param(CODE, [PRODUCTION], id="production"),
        pytest.param(r"tests/.+\.py", [PRODUCTION, DEVELOPMENT], id="tests"),
    ],
)
def test_II_4_every_import_is_a_declared_dependency(programs, inputs):
    packages, names = packages_distributions(), declared(*inputs)
    modules = {module for text in texts(programs).values() for module in imported(text)}
    undeclared = [
        module for module in modules if not names & set(map(normal, packages.get(module, ())))
    ]

    assert modules
    assert sorted(undeclared) == []


@pytest.mark.parametrize(("name", "pattern"), PYTHONS)
def test_II_7_one_version_of_python_everywhere(name, pattern):
    wanted = (ROOT / ".python-version").read_text().strip()

    assert {".".join(found) for found in re.findall(pattern, (ROOT / name).read_text(), re.M)} == {
        wanted
    }
