"""A reference without a target is found, and text that resembles one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering.references import find_dangling
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake


@pytest.fixture
def project(bake: Bake, tmp_path: Path) -> BakedProject:
    """Return a copy of a project without a license."""
    return bake(license="none").copy_to(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        pytest.param("README.md", "Then `bin/deploy`.", "bin/deploy", id="a script"),
        pytest.param("README.md", "See `runtime/queue.py`.", "runtime/queue.py", id="a module"),
        pytest.param("README.md", "| `test_queue.py` |", "test_queue.py", id="a test in a table"),
        pytest.param("README.md", "Look into `queue/`.", "queue/", id="a folder"),
        pytest.param("README.md", "See LICENSE.", "LICENSE", id="the file of another choice"),
        pytest.param("README.md", "Edit queue.yaml.", "queue.yaml", id="a file in a sentence"),
        pytest.param("README.md", "Set `QUEUE_URL`.", "QUEUE_URL", id="a setting"),
        pytest.param("README.md", "Set `QUEUE_URL_FILE`.", "QUEUE_URL_FILE", id="a file of it"),
        pytest.param("Procfile", "worker: python -m tests.worker", "tests.worker", id="a process"),
        pytest.param("bin/dev", "# See config/queue.toml.", "config/queue.toml", id="a comment"),
        pytest.param("bin/dev", "cp config/a.toml config/b.env", "config/a.toml", id="a command"),
        pytest.param("config/staging.env.example", "# bin/deploy", "bin/deploy", id="a sample"),
        pytest.param(
            "config/staging.env.example", "# Not QUEUE_URL", "QUEUE_URL", id="a setting in a sample"
        ),
        pytest.param(
            "{package_name}/__init__.py", "# queue.html", "queue.html", id="a comment of Python"
        ),
        pytest.param(
            "{package_name}/__init__.py", 'x = "queue.html"', "queue.html", id="a text of Python"
        ),
        pytest.param(
            "gunicorn.conf.py",
            'x = "{package_name}.runtime.queue.Queue"',
            "visit_counter.runtime.queue",
            id="a class by its name",
        ),
    ],
)
def test_a_reference_without_a_target_is_found(
    name: str, text: str, found: str, project: BakedProject
) -> None:
    name, text = name.format(**project.answers), text.format(**project.answers)
    project.write(name, f"{project.read(name)}{text}\n")
    assert find_dangling(project) == {name: {found}}


def test_a_removed_setting_is_found_in_every_file(project: BakedProject) -> None:
    sample = "config/development.env.example"
    project.write(sample, project.read(sample).replace("\nPROXY_HOPS=", "\nHOPS="))
    found = {name for name, wrong in find_dangling(project).items() if "PROXY_HOPS" in wrong}
    assert {"config/production.env.example", "gunicorn.conf.py", "tests/test_settings.py"} <= found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("README.md", "`config/<deploy>.env.example`", id="a placeholder"),
        pytest.param("README.md", "`requirements*.in` and `visits/`", id="a pattern and a folder"),
        pytest.param("README.md", "`config/production.env`, `.env`", id="ignored files"),
        pytest.param(
            "README.md", "https://example.com/a.md, visit_counter.example.com", id="hosts"
        ),
        pytest.param("README.md", "`REDIS_URL_FILE`, `TMPDIR`, HTTP", id="settings and others"),
        pytest.param("README.md", "`dev.redis_server.main`, tests.", id="something in a module"),
        pytest.param("bin/dev", 'sed s/a/b/ "$0" >config/odd', id="a file that a script creates"),
        pytest.param("bin/dev", '"$work/bin/odd" "${0%/*}/odd.py" /bin/odd', id="other places"),
        pytest.param("tests/test_app.py", "x = redis.json", id="an attribute of Python"),
        pytest.param("tests/test_app.py", 'x = path / "odd.py"', id="a file that a test creates"),
    ],
)
def test_other_text_is_accepted(name: str, text: str, project: BakedProject) -> None:
    project.write(name, f"{project.read(name)}{text}\n")
    assert find_dangling(project) == {}
