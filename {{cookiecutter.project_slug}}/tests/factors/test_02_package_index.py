"""II. Dependencies: the package index that bin/lock asks. https://12factor.net/dependencies"""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from trustme import CA

from tests.factors.support.assertions import proves
from tests.factors.support.package_index import HOST, PACKAGE, PASSWORD, PackageIndex
from tests.factors.support.repository import copy_repository

# Variables of a person that select another index, certificate or proxy.
FOREIGN = re.compile(r"(?i)(PIP|UV|SSL)_.*|.*_PROXY|.*_CA_BUNDLE")
ELSEWHERE = "http://index.example.com"
# What pip is configured with, with URL for the index and FOLDER for that of the test -> the paths.
CONFIGURATIONS = {
    "variables": (
        {"PIP_INDEX_URL": "URL/simple", "PIP_EXTRA_INDEX_URL": "URL/more URL/most"},
        ["/simple", "/more", "/most"],
    ),
    "pip.conf": ({"PIP_CONFIG_FILE": "FOLDER/pip.conf"}, ["/simple", "/more", "/most"]),
    "certificates": ({"PIP_INDEX_URL": "URL/simple", "PIP_CERT": "FOLDER/ca.pem"}, ["/simple"]),
    "a proxy": (
        {"PIP_INDEX_URL": f"{ELSEWHERE}/index", "PIP_PROXY": "URL"},
        [f"{ELSEWHERE}/index"],
    ),
}
PIP_CONF = """
[global]
index-url = URL/simple
extra-index-url =
    URL/more
    URL/most
"""


@contextmanager
def serve_index(certificate=None) -> Iterator[PackageIndex]:
    """Run an index."""
    with PackageIndex(certificate) as index:
        Thread(target=index.serve_forever, daemon=True).start()
        yield index
        index.shutdown()


def lock(folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Lock the package in a copy of the repository."""
    project = copy_repository(folder / "project")
    for path in project.glob("requirements*.in"):
        path.write_text("-c requirements.txt\n")
    (project / "requirements.in").write_text(f"{PACKAGE}\n")
    own = {name: text for name, text in os.environ.items() if not FOREIGN.fullmatch(name)}
    # pip reads no other file if this is the null device.
    own |= {"PIP_CONFIG_FILE": os.devnull, "UV_NO_CACHE": "1", "UV_NO_CONFIG": "1"}
    return subprocess.run(
        [project / "bin/lock"],
        env=own | environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@proves("II.10")
@pytest.mark.parametrize(("configuration", "paths"), CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_the_configuration_of_pip_holds_for_bin_lock(configuration, paths, tmp_path):
    authority = CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    has_tls = "PIP_CERT" in configuration
    with serve_index(authority.issue_cert(HOST) if has_tls else None) as index:
        (tmp_path / "pip.conf").write_text(PIP_CONF.replace("URL", index.url))
        environ = {
            name: re.sub("^FOLDER", str(tmp_path), text.replace("URL", index.url))
            for name, text in configuration.items()
        }
        result = lock(tmp_path, environ)

    assert result.returncode == 0, result.stderr
    locked = (tmp_path / "project/requirements.txt").read_text()
    assert f"{PACKAGE}==1.0 \\\n    --hash=sha256:" in locked
    # True: with the credentials of the URL
    asked = {path: index.asked.get(f"{path}/{PACKAGE}/") for path in paths}
    assert asked == dict.fromkeys(paths, True)
    for text in (locked, result.stdout, result.stderr):
        assert PASSWORD not in text
        assert HOST not in text
