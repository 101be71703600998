"""No inherited variable of Python changes what a script of bin/ does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.service.variables import read_python_variables
from tests.support.baking import BakedProject
from tests.support.fixtures import Bake


@pytest.fixture
def project(prepare: Bake) -> BakedProject:
    """Return the default project after bin/setup."""
    return prepare()


@pytest.mark.parametrize(
    "command",
    ["bin/lint", "bin/test tests/test_settings.py tests/test_app.py", "bin/dev flask config"],
)
def test_a_script_works_under_each_variable_of_python(
    command: str, project: BakedProject, tmp_path: Path
) -> None:
    variables: dict[str, Any] = {**read_python_variables(tmp_path), "LC_ALL": "C"}
    result = project.run(*command.split(), **variables)
    assert "Traceback" not in result.stdout + result.stderr
