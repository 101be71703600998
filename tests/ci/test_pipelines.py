"""The pipeline of each forge is valid, pinned, and calls the same scripts as those of the others."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.ci.pipelines import READERS, read_jobs
from tests.support.baking import BakedProject
from tests.support.environment import ROOT, SERVICE, TOOLS
from tests.support.fixtures import Bake
from tests.support.rows import convert_to_answers, parametrize_rows

SCHEMA = "check-jsonschema --builtin-schema vendor."
LINTERS = {
    "github": {
        f"{SCHEMA}github-workflows": ".github/workflows/*.yml",
        "zizmor --quiet --persona=pedantic --offline": ".github/workflows/*.yml",
    },
    "gitlab": {f"{SCHEMA}gitlab-ci --data-transform gitlab-ci": ".gitlab-ci.yml"},
    "bitbucket": {f"{SCHEMA}bitbucket-pipelines": "bitbucket-pipelines.yml"},
    "none": {},
}
ACTION = re.compile(r"uses: (\S+)@(\S+)(?: # (\S+))?")
PINNED = re.compile(r"[a-z]+:\d+\.\d+\.\d+[a-z-]*@sha256:[0-9a-f]{64}")
DIND = re.compile(r"docker:\d+\.\d+\.\d+-dind@")
CALLS = {
    "checks": ["bin/lint", "bin/lock --check", "bin/audit --licenses"],
    "tests": ["bin/test --coverage"],
    "gate": ["bin/test factors"],
    "test-image": ["bin/build --local", "bin/test image IMAGE"],
    "build": ["bin/build", "bin/test image IMAGE"],
    "release": ["bin/release staging IMAGE"],
    "smoke": ['bin/test deploy "$STAGING_URL"'],
    "audit": ["bin/audit"],
    "update": ["bin/update"],
}


@pytest.mark.parametrize("row", parametrize_rows())
def test_the_files_of_a_row_have_no_finding(row: dict[str, str], bake: Bake) -> None:
    project = bake(**convert_to_answers(row))
    for linter, pattern in LINTERS[row["ci"]].items():
        files = sorted(map(str, project.path.glob(pattern)))
        assert files
        project.run(*linter.split(), *files, PATH=TOOLS)
    for job in read_jobs(project).values() if row["ci"] in READERS else ():
        for script in job.scripts:
            text = re.sub(r"\$\{\{.*?\}\}", "", f"#!/bin/sh\nset -e\n{script}\n")
            words = ["shellcheck", "--norc", "--exclude=SC2153,SC2154", "-"]
            subprocess.run(words, input=text, text=True, check=True, env={"PATH": TOOLS})


@pytest.mark.parametrize("ci", READERS)
def test_every_forge_calls_the_same_scripts(ci: str, bake: Bake) -> None:
    assert {name: job.calls() for name, job in read_jobs(bake(ci=ci)).items()} == CALLS


@pytest.mark.parametrize("python", ["3.14", "3.13"])
@pytest.mark.parametrize("ci", READERS)
def test_the_images_are_those_of_the_dockerfile_and_of_compose(
    ci: str, python: str, bake: Bake
) -> None:
    project = bake(ci=ci, python_version=python)
    known = PINNED.findall(project.read("Dockerfile") + project.read("compose.yaml"))
    images = {image for job in read_jobs(project).values() for image in job.images}
    assert images
    assert [one for one in images if one not in known and not DIND.match(one)] == []
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def find_actions(*folders: Path) -> set[tuple[str, str, str]]:
    """Return name, commit and version of each action in the workflows of folders."""
    texts = [path.read_text("utf-8") for folder in folders for path in folder.glob("*.yml")]
    return {found for text in texts for found in ACTION.findall(text)}


def test_an_action_has_one_commit_in_the_template_and_in_the_service() -> None:
    actions = find_actions(*(folder / ".github/workflows" for folder in (ROOT, SERVICE)))
    assert len(actions) > 5
    assert len({name for name, *_ in actions}) == len(actions)
    forms = [
        re.fullmatch("[0-9a-f]{40} v[0-9.]+", f"{sha} {version}") for _, sha, version in actions
    ]
    assert all(forms), actions


def test_gitlab_and_bitbucket_use_the_same_images(bake: Bake) -> None:
    texts = [
        bake(ci=ci).read(name)
        for ci, name in {"gitlab": ".gitlab-ci.yml", "bitbucket": "bitbucket-pipelines.yml"}.items()
    ]
    first, second = (set(PINNED.findall(text)) for text in texts)
    assert first == second


def test_a_job_that_is_never_cancelled_halfway_pushes_and_releases(bake: Bake) -> None:
    github, gitlab = (
        bake(ci="github").read(".github/workflows/ci.yml"),
        bake(ci="gitlab").read(".gitlab-ci.yml"),
    )
    assert "cancel-in-progress: ${{ github.event_name == 'pull_request' }}" in github
    for name in ("build", "release"):
        [job] = re.findall(rf"^{name}:\n(?:  .*\n|\n)+", gitlab, re.MULTILINE)
        assert "interruptible: false" in job


@pytest.fixture
def without_ci(bake: Bake) -> BakedProject:
    """Return the project of a team that has CI elsewhere."""
    return bake(ci="none")


def test_without_a_forge_no_file_names_one(without_ci: BakedProject) -> None:
    assert [
        name for name in without_ci.files() if re.match(r"\.git(hub|lab)|.*bitbucket", name)
    ] == []
