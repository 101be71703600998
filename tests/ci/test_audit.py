"""bin/audit fails for a vulnerability, a license, an expired exemption, and a service that does not answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.support.service import free_port

VULNERABLE, ID = "werkzeug", "GHSA-aaaa-bbbb-cccc"
FINDING = {
    "id": ID,
    "summary": "planted",
    "affected": [{"package": {"name": VULNERABLE, "ecosystem": "PyPI"}}],
}
TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
FILE = "pyproject.toml"
EXEMPTION = '\n[[tool.exemptions]]\nid = "{id}"\nreason = "{reason}"\nuntil = {until}\n'


class Service(BaseHTTPRequestHandler):
    """Vulnerability service (https://google.github.io/osv.dev/post-v1-query) that knows one vulnerability."""

    asked: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        """Answer a query of a package."""
        length = int(self.headers["Content-Length"])
        query = json.loads(self.rfile.read(length))
        self.asked.add(query["package"]["name"])
        vulns = [FINDING] if query["package"]["name"] == VULNERABLE else []
        body = json.dumps({"vulns": vulns} if vulns else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Run the service, and return its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.fixture
def project(prepare_audit: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of the default project with the tools of bin/audit."""
    return prepare_audit().copy_to(tmp_path)


def ask(url: str) -> dict[str, Any]:
    """Return the variables of pip-audit that name a service."""
    return {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": url}


def exempt(
    project: BakedProject, until: object = TODAY, name: str = ID, reason: str = "unused"
) -> None:
    """Add an exemption."""
    text = EXEMPTION.format(id=name, reason=reason, until=until)
    project.write(FILE, project.read(FILE) + text)


def test_a_vulnerability_fails_until_it_is_exempted(project: BakedProject, service: str) -> None:
    found = project.run("bin/audit", status=1, **ask(service))
    assert (VULNERABLE in found.stdout, ID in found.stdout) == (True, True)
    exempt(project)
    project.run("bin/audit", **ask(service))


def test_every_locked_package_is_audited(project: BakedProject, service: str) -> None:
    Service.asked.clear()
    exempt(project)
    project.run("bin/audit", **ask(service))
    locks = [
        text for name in project.files() if name.endswith(".txt") for text in [project.read(name)]
    ]
    unconditional = {
        name
        for text in locks
        for name in re.findall(r"^([a-z0-9._-]+)==\S+ \\$", text, re.MULTILINE)
    }
    assert unconditional <= Service.asked


def test_a_service_that_does_not_answer_is_no_clean_bill(project: BakedProject) -> None:
    url = f"http://127.0.0.1:{free_port()}/v1/query"
    result = project.run("bin/audit", status=1, **ask(url))
    assert "Connection refused" in result.stderr
    assert "No known vulnerabilities" not in result.stdout + result.stderr


MALFORMED = "expected id, reason and until, a date; correct it"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            EXEMPTION.format(id=ID, reason="unused", until=YESTERDAY),
            f"exemption {ID}: ended on {YESTERDAY}; update the package, or decide again",
            id="expired",
        ),
        pytest.param(
            EXEMPTION.format(id=ID, reason=" ", until=TODAY),
            f"exemption {ID}: {MALFORMED}",
            id="no reason",
        ),
        pytest.param(
            EXEMPTION.format(id="--help", reason="unused", until=TODAY),
            f"exemption --help: {MALFORMED}",
            id="an option as id",
        ),
        pytest.param(
            EXEMPTION.format(id=ID, reason="unused", until='"soon"'),
            f"exemption {ID}: {MALFORMED}",
            id="no date",
        ),
        pytest.param(
            "\n[tool.exemptions]\nid = 1\n",
            "exemptions is no list of tables; correct it",
            id="one table",
        ),
    ],
)
def test_a_malformed_exemption_is_one_line(
    text: str, line: str, project: BakedProject, service: str
) -> None:
    project.write(FILE, project.read(FILE) + text)
    said = project.run("bin/audit", status=3, **ask(service)).stderr
    assert said.splitlines()[-1] == f"bin/audit: {FILE}: {line}"


@pytest.mark.parametrize(
    ("accepted", "package"),
    [("Apache-2.0 AND BSD-2-Clause;", "prometheus_client"), ("MIT;MIT License;", "gunicorn")],
)
def test_a_license_that_is_not_accepted_is_named(
    accepted: str, package: str, project: BakedProject
) -> None:
    project.run("bin/audit", "--licenses")
    text = project.read(FILE)
    assert accepted in text
    project.write(FILE, text.replace(accepted, ""))
    result = project.run("bin/audit", "--licenses", status=1)
    assert package in result.stdout + result.stderr


def test_the_bill_of_materials_has_every_package_of_production(project: BakedProject) -> None:
    first, second = (project.run("bin/audit", "--sbom").stdout for _ in range(2))
    assert first == second
    bill = json.loads(first)
    locked = re.findall(r"^([a-z0-9._-]+)==", project.read("requirements.txt"), re.MULTILINE)
    assert {one["name"] for one in bill["components"]} == set(locked)


@pytest.mark.parametrize("words", [["--osv"], ["--licenses", "--osv"], ["--sbom", "--osv"]])
def test_an_unknown_argument_is_a_line(words: list[str], project: BakedProject) -> None:
    said = project.run("bin/audit", *words, status=2).stderr
    assert said == "bin/audit: unknown argument --osv; run bin/audit --help\n"
