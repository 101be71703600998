"""bin/release accepts a secret from a file that only instances have, and no other problem."""

from __future__ import annotations

import json
import sys

import pytest

from tests.releases.releasing import SECRET
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

JUDGE = """
import json, sys
from deploy import images
print(images.only_missing_files(sys.argv[1], json.loads(sys.argv[2])))
"""
URL = {"REDIS_URL": "redis://redis:6379/0"}
KEY = {"SECRET_KEY": SECRET}
KEY_FILE = {"SECRET_KEY_FILE": "/run/secrets/service/secret-key"}
URL_FILE = {"REDIS_URL_FILE": "/run/secrets/service/redis-url"}


@pytest.mark.parametrize(
    ("config", "unchecked"),
    [
        (URL | KEY_FILE, "SECRET_KEY_FILE"),
        (URL_FILE | KEY_FILE, "REDIS_URL_FILE, SECRET_KEY_FILE"),
        (URL | KEY_FILE | {"LOG_LEVEL": "LOUD"}, ""),
        (URL | KEY | {"LOG_LEVEL": "LOUD"}, ""),
        (URL | KEY | KEY_FILE, ""),
        (KEY_FILE, ""),
    ],
    ids=["one", "two", "beside a wrong value", "a wrong value", "both forms", "a missing setting"],
)
def test_only_a_missing_file_is_accepted(
    config: dict[str, str], unchecked: str, prepare: Bake
) -> None:
    project = prepare()
    words = [".venv/bin/flask", "--app", project.answers["package_name"], "config"]
    report = project.run(*words, status=1, timeout=60, **config).stderr
    found = project.run(sys.executable, "-B", "-c", JUDGE, report, json.dumps(config)).stdout
    assert found.strip() == unchecked
