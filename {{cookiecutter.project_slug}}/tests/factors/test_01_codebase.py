"""I. Codebase: one codebase tracked in revision control, many deploys. https://12factor.net/codebase"""

import re
import secrets

from tests.factors.support.repository import DEPLOYS, PATH, SAMPLES, copied, files, git
from tests.support.service import ROOT

REVISION = secrets.token_hex(20)


def named_for_a_deploy(name):
    return bool(DEPLOYS & set(re.split(r"[^a-z]+", name.lower())))


def test_I_1_one_repository_holds_one_app():
    names = [name.rpartition("/")[2].lower() for name in files()]
    builds = [name for name in names if re.search("(docker|container)file", name)]

    assert ".gitmodules" not in names
    assert names.count("procfile") == 1
    assert builds in ([], ["dockerfile"])


def test_I_1_every_part_calls_the_app_by_one_name(service):
    name = service.get("/version").json()["name"]
    [server] = re.findall('^proc_name = "(.*)"$', (ROOT / "gunicorn.conf.py").read_text(), re.M)

    assert server == name
    assert {event["service.name"] for event in service.events()} == {name}


def test_I_3_no_file_is_named_for_a_deploy_but_its_values():
    values = re.compile(r"config/[a-z-]+\.env\.example|deploy/(.*/)?overlays/.*|tests/.+|.*\.md")
    named = [name for name in files() if named_for_a_deploy(name)]

    assert {path.name for path in SAMPLES.values()} <= {name.rpartition("/")[2] for name in named}
    assert [name for name in named if not values.fullmatch(name)] == []


def test_I_3_no_branch_is_named_for_a_deploy(evidence):
    branches = git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes")

    assert [name for name in branches.split() if named_for_a_deploy(name)] == []
    evidence(f"{len(branches.split())} branches")


def test_I_4_a_build_names_its_revision(start, tmp_path):
    build = copied(tmp_path / "build")
    (build / "REVISION").write_text(f"{REVISION}\n")
    service = start(cwd=build)

    assert service.get("/version").json()["commit"] == REVISION
    assert {event["service.version"] for event in service.events()} == {REVISION}


def test_I_4_a_working_copy_names_none_and_git_is_not_asked(start, tmp_path):
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\necho {REVISION}\n")
    git.chmod(0o755)
    service = start(cwd=copied(tmp_path / "copy"), PATH=f"{git.parent}:{PATH}")

    assert service.get("/version").json()["commit"] == "unknown"
    assert {event["service.version"] for event in service.events()} == {"unknown"}


def test_I_6_two_services_share_a_redis_and_no_count(start):
    one, other = start(), start(KEY_PREFIX="another-service:")

    assert [one.visit(), one.visit(), other.visit(), one.visit()] == [1, 2, 1, 3]


def test_I_6_the_keys_of_a_service_begin_with_its_name(service, backing):
    service.visit()
    name = service.get("/version").json()["name"]
    with backing.client() as redis:
        keys = redis.keys()

    assert keys
    assert [key for key in keys if not key.startswith(f"{name}:")] == []
