"""A service works wherever it is cloned to, and whatever the folder of temporary files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake

LONG = "long/" * 25  # longer than the path of a UNIX socket may be


@pytest.fixture
def project(prepare: Bake, tmp_path: Path) -> BakedProject:
    """Return the default project in an odd folder, with links to nothing, private to its owner."""
    folder = tmp_path / 'it\'s a "földer" $HOME'
    folder.mkdir()
    project = prepare().copy_to(folder)
    for name in (f"{project.answers['package_name']}/dead", "tests/dead"):
        (project.path / name).symlink_to("/nowhere")
    project.run("chmod", "-R", "go-rwx", "--", ".")
    return project


@pytest.mark.parametrize(
    "command",
    ["bin/lint", "bin/test tests/test_settings.py tests/test_app.py", "bin/dev flask config"],
)
def test_a_script_works_in_an_odd_folder(
    command: str, project: BakedProject, path_with_redis: str, tmp_path: Path
) -> None:
    temporary = tmp_path / LONG
    temporary.mkdir(parents=True)
    given: dict[str, Any] = {"PATH": path_with_redis, "TMPDIR": str(temporary), "CDPATH": ".:/:.."}
    result = project.run(*command.split(), **given)
    assert "Traceback" not in result.stdout + result.stderr


def test_setup_lets_the_users_of_containers_read_what_they_mount(project: BakedProject) -> None:
    project.run("bin/setup")
    mounted = ["deploy/haproxy/haproxy.cfg", "deploy/logging/collector.yaml", "gunicorn.conf.py"]
    mounted += ["deploy/haproxy", f"{project.answers['package_name']}/visits/templates"]
    assert all((project.path / name).stat().st_mode & 0o004 for name in mounted)
    assert not (project.path / "config/development.env").stat().st_mode & 0o077


def test_setup_repeats_what_python_says_of_a_colon_in_the_path(bake: Bake, tmp_path: Path) -> None:
    folder = tmp_path / "a:b"
    folder.mkdir()
    project = bake().copy_to(folder)
    result = project.run("bin/setup", status=1)
    assert "contains the PATH separator" in result.stderr
    assert "python3-venv" not in result.stderr
