"""III. Config: names in config/<deploy>.env that no setting has are reported."""

import subprocess

import pytest

from tests.factors.support.admin import list_settings
from tests.factors.support.assertions import proves
from tests.factors.support.repository import PATH, copy_repository
from tests.support.settings import VALID_KEY


@pytest.fixture
def typos():
    """Return every setting by its name with the last letter doubled."""
    names = list_settings()
    return {f"{name}{name[-1]}": name for name in names if f"{name}{name[-1]}" not in names}


def find_unreported(typos, output):
    """Return the misspelt names that no line of an output shows beside the right one."""
    lines = [set(line.replace("?", " ").replace(";", " ").split()) for line in output.splitlines()]
    return [pair for pair in typos.items() if not any(set(pair) <= words for words in lines)]


@proves("III.11")
def test_development_reports_unknown_names_with_the_nearest_setting(typos, tmp_path):
    folder = copy_repository(tmp_path / "copy")
    lines = [f"SECRET_KEY={VALID_KEY}", "REDIS_URL=redis://localhost/0", "SECRET_KEY_FILE="]
    lines += [f"{name}=1" for name in typos]
    (folder / "config/development.env").write_text("\n".join(lines))
    run = subprocess.run(
        [folder / "bin/dev", "true"],
        cwd=folder,
        env={"PATH": PATH},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert find_unreported(typos, run.stderr) == []
    assert run.stderr.count("unknown setting") == len(typos)


@proves("III.11")
def test_a_release_reports_unknown_names_and_is_recorded(typos, team):
    image = team.build()
    team.configure("staging", **dict.fromkeys(typos, "1"))
    process = team.start("bin/release", "staging", image)
    release, report = process.communicate(timeout=120)

    assert process.returncode == 0
    assert team.ledger() == [release.strip()]
    assert find_unreported(typos, report) == []
