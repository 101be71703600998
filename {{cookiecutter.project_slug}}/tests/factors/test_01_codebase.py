"""I. Codebase: one codebase tracked in revision control, many deploys. https://12factor.net/codebase"""

import re
import secrets

from tests.factors.support.assertions import proves
from tests.factors.support.repository import (
    DEPLOYS,
    PATH,
    SAMPLES,
    copy_repository,
    git,
    list_files,
)
from tests.support.service import ROOT

REVISION = secrets.token_hex(20)


def is_named_for_a_deploy(name):
    return bool(DEPLOYS & set(re.split(r"[^a-z]+", name.lower())))


@proves("I.1")
def test_one_repository_holds_one_app():
    names = [name.rpartition("/")[2].lower() for name in list_files()]
    builds = [name for name in names if re.search("(docker|container)file", name)]

    assert ".gitmodules" not in names
    assert names.count("procfile") == 1
    assert builds in ([], ["dockerfile"])


@proves("I.1")
def test_server_version_and_log_share_one_name(service):
    name = service.get("/version").json()["name"]
    [proc_name] = re.findall('^proc_name = "(.*)"$', (ROOT / "gunicorn.conf.py").read_text(), re.M)

    assert proc_name == name
    assert {event["service.name"] for event in service.events()} == {name}


@proves("I.3")
def test_only_value_samples_and_overlays_are_named_for_a_deploy():
    allowed = re.compile(r"config/[a-z-]+\.env\.example|deploy/(.*/)?overlays/.*|tests/.+|.*\.md")
    named = [name for name in list_files() if is_named_for_a_deploy(name)]

    assert {path.name for path in SAMPLES.values()} <= {name.rpartition("/")[2] for name in named}
    assert [name for name in named if not allowed.fullmatch(name)] == []


@proves("I.3")
def test_no_branch_is_named_for_a_deploy(evidence):
    branches = git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes")

    assert [name for name in branches.split() if is_named_for_a_deploy(name)] == []
    evidence(f"{len(branches.split())} branches")


@proves("I.4")
def test_a_build_reports_its_revision(start, tmp_path):
    build = copy_repository(tmp_path / "build")
    (build / "REVISION").write_text(f"{REVISION}\n")
    service = start(cwd=build)

    assert service.get("/version").json()["commit"] == REVISION
    assert {event["service.version"] for event in service.events()} == {REVISION}


@proves("I.4")
def test_a_working_copy_reports_no_revision_and_runs_no_git(start, tmp_path):
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\necho {REVISION}\n")
    git.chmod(0o755)
    service = start(cwd=copy_repository(tmp_path / "copy"), PATH=f"{git.parent}:{PATH}")

    assert service.get("/version").json()["commit"] == "unknown"
    assert {event["service.version"] for event in service.events()} == {"unknown"}


@proves("I.6")
def test_two_services_on_one_redis_count_separately(start):
    one, other = start(), start(KEY_PREFIX="another-service:")

    assert [one.count(), one.count(), other.count(), one.count()] == [1, 2, 1, 3]


@proves("I.6")
def test_every_key_starts_with_the_name_of_the_service(service, backing):
    service.count()
    name = service.get("/version").json()["name"]
    with backing.client() as redis:
        keys = redis.keys()

    assert keys
    assert [key for key in keys if not key.startswith(f"{name}:")] == []
