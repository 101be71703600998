"""bin/run for a deploy in a cluster: the calls of kubectl, and each refusal."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.releases.releasing import FAILED, NO_ENGINE, REFUSED, USAGE, Team
from tests.support.environment import ROOT
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

FAKE_KUBECTL = ROOT / "tests/releases/fake_kubectl.sh"
PLACE = "--context there --namespace visit-counter-staging"
SHOWN = f".venv/kubernetes/bin/kubectl {PLACE}"
LABEL = "app.kubernetes.io"
OF_PROCESS_TYPES = "deployments,horizontalpodautoscalers,poddisruptionbudgets"
CONTAINER = {
    **{"name": "web", "image": "shop@sha256:1", "args": ["serve"], "ports": [{}]},
    **{"livenessProbe": {}, "envFrom": [{"secretRef": {"name": "config-1"}}]},
}


@pytest.fixture
def team(bake: Bake, tmp_path: Path) -> Team:
    """Return a team with a fake container engine and a fake kubectl, whose staging is in a cluster."""
    team = Team.of(bake(kubernetes="yes", worker="yes"), tmp_path / "team").with_fake_engine()
    fake = team.home / "kubectl"
    fake.mkdir()
    (fake / "deployment").touch()
    team.environ["FAKE_KUBECTL"] = str(fake)
    kubectl = team.clone.path / ".venv/kubernetes/bin/kubectl"
    kubectl.parent.mkdir(parents=True)
    shutil.copy(FAKE_KUBECTL, kubectl)
    kubectl.chmod(0o755)
    config = team.clone.read("config/staging.env")
    team.clone.write("config/staging.env", config.replace("context: replace-me", "context: there"))
    return team


def switch(team: Team, name: str, text: object = "") -> None:
    """Write a file of the fake kubectl."""
    (Path(team.environ["FAKE_KUBECTL"]) / name).write_text(str(text), "utf-8")


def calls(team: Team) -> list[str]:
    """Return the calls of kubectl without its place and without paths, and forget them."""
    file = Path(team.environ["FAKE_KUBECTL"]) / "calls"
    lines = file.read_text().splitlines()
    file.unlink()
    assert all(line.startswith(PLACE) for line in lines)
    return [re.sub(r"(?<= )/\S+/", "…/", line.removeprefix(f"{PLACE} ")) for line in lines]


def deployment(release: str) -> dict[str, Any]:
    """Return a Deployment of a release."""
    labels = {"app.kubernetes.io/version": release}
    return {
        "metadata": {"labels": labels, "resourceVersion": "4"},
        "spec": {
            "template": {
                "metadata": {"labels": labels},
                "spec": {"hostUsers": False, "containers": [CONTAINER]},
            }
        },
    }


def settings(config: str) -> dict[str, str]:
    """Return the value of every setting of a configuration."""
    return dict(re.findall("(?m)^([A-Z_]+)=(.*)$", config))


def push(team: Team) -> str:
    """Build and push an image, and return its name."""
    return team.run("bin/build").stdout.strip()


def release(team: Team) -> str:
    """Build and release to staging, and return the id of the release."""
    return team.release("staging", push(team))


def test_a_release_is_applied_and_awaited(team: Team) -> None:
    number = release(team)
    said = team.run("bin/run", number).stdout

    assert said == f"{number} runs as staging in there, namespace visit-counter-staging\n"
    others = f"{LABEL}/name=visit-counter,{LABEL}/version,{LABEL}/version!={number}"
    assert calls(team) == [
        "get deployment web --ignore-not-found --output=json",
        "get deployment worker --ignore-not-found --output=json",
        "apply --kustomize …/release",
        "rollout status deployment/web --timeout=2s",
        "rollout status deployment/worker --timeout=2s",
        f"delete {OF_PROCESS_TYPES} --selector={others} --wait=false",
    ]
    [folder] = team.home.glob("state/visit-counter/releases/*/deploy/kubernetes/release")
    assert json.loads((folder / "kustomization.yaml").read_text())["namespace"]
    given = settings((folder / "config.env").read_text())
    released = settings(team.clone.read("config/staging.env"))
    # https://github.com/kubernetes/kubernetes/issues/118588
    assert given == {name: value for name, value in released.items() if value} != released
    assert (folder / "config.env").stat().st_mode & 0o077 == 0


def test_a_release_that_is_not_ready_gives_way_to_the_former_one(team: Team) -> None:
    number = release(team)
    switch(team, "deployment", json.dumps(deployment("v0")))
    switch(team, "late")

    line = team.refused("bin/run", number, status=FAILED)
    selector = f"--selector=app.kubernetes.io/version={number}"
    assert line == (
        f"bin/run: {number}: web was not ready; run {SHOWN} describe pods {selector} (earlier pods keep running)"
    )
    assert calls(team)[-3:] == [
        f"logs {selector} --all-containers --tail=3",
        *["replace --filename=-"] * 2,
    ]
    former = deployment("v0")
    del former["metadata"]["resourceVersion"]
    assert json.loads((Path(team.environ["FAKE_KUBECTL"]) / "replaced").read_text()) == former


def test_a_first_release_that_is_not_ready_leaves_no_pods(team: Team) -> None:
    number = release(team)
    switch(team, "apply", 1)

    line = team.refused("bin/run", number, status=FAILED)
    assert line.startswith(f"bin/run: {number}: kubectl could not apply it; correct what ")
    assert calls(team)[-2:] == [
        f"delete deployment {name} --ignore-not-found --wait=false" for name in ("web", "worker")
    ]


def test_earlier_process_types_that_stay_are_reported(team: Team) -> None:
    number = release(team)
    switch(team, "delete", 1)

    line = team.refused("bin/run", number, status=FAILED)
    problem = f"{number} runs, but earlier process types are left"
    assert line == f"bin/run: {problem}; run bin/run {number}"
    assert not [one for one in calls(team) if one.startswith("replace")]


@pytest.mark.parametrize("status", [0, 1], ids=["no difference", "differences"])
def test_a_dry_run_prints_the_differences_and_changes_nothing(team: Team, status: int) -> None:
    number = release(team)
    switch(team, "differences", status)

    said = team.run("bin/run", number, "--dry-run").stdout
    assert said == ("+  image: new\n" if status else "")
    assert calls(team) == ["diff --kustomize …/release"]


def test_an_admin_command_runs_in_the_image_that_runs(team: Team) -> None:
    number = release(team)
    switch(team, "deployment", json.dumps(deployment(number)))
    switch(
        team,
        "job",
        json.dumps({"status": {"conditions": [{"type": "Complete", "status": "True"}]}}),
    )

    said = team.run("bin/run", number, "--", "flask", "visits", "reset", "--yes").stdout
    assert said == "deleted 7 visits\n"
    job = json.loads((Path(team.environ["FAKE_KUBECTL"]) / "created").read_text())
    assert job["spec"]["ttlSecondsAfterFinished"] == 86_400
    pod = job["spec"]["template"]["spec"]
    assert (pod["restartPolicy"], pod["hostUsers"]) == ("Never", False)
    [container] = pod["containers"]
    assert container == {
        **{"name": "admin", "image": CONTAINER["image"], "envFrom": CONTAINER["envFrom"]},
        "args": ["flask", "visits", "reset", "--yes"],
    }


@pytest.mark.parametrize(
    ("running", "status", "end"),
    [
        ("v0", REFUSED, "v0 runs as staging; run bin/run {id}, or name the release that runs"),
        (
            "",
            REFUSED,
            "no release runs as staging; run bin/run {id}, or name the release that runs",
        ),
        (
            "{id}",
            FAILED,
            "job.batch/admin-1 did not succeed; run {shown} describe job.batch/admin-1",
        ),
    ],
    ids=["another release", "no release", "a failed command"],
)
def test_an_admin_command_is_refused(team: Team, running: str, status: int, end: str) -> None:
    number = release(team)
    running = running.format(id=number)
    switch(team, "deployment", json.dumps(deployment(running)) if running else "")
    switch(
        team, "job", json.dumps({"status": {"conditions": [{"type": "Failed", "status": "True"}]}})
    )

    result = team.run("bin/run", number, "--", "flask", "visits", "show", status=status)
    line = result.stderr.splitlines()[-1]
    assert line == "bin/run: " + end.format(id=number, shown=SHOWN)


@pytest.mark.parametrize(
    ("deploy", "words", "status", "end"),
    [
        (
            "staging",
            "--scale=web=3",
            USAGE,
            "autoscalers set the numbers in a cluster; set minReplicas in the overlay of the deploy",
        ),
        (
            "staging",
            "--instances=3",
            USAGE,
            "autoscalers set the numbers in a cluster; set minReplicas in the overlay of the deploy",
        ),
        (
            "production",
            "--dry-run",
            USAGE,
            "production lives on this host; give --dry-run or WORD for a deploy in a cluster only",
        ),
        (
            "production",
            "-- flask",
            USAGE,
            "production lives on this host; give --dry-run or WORD for a deploy in a cluster only",
        ),
    ],
    ids=["scale", "instances", "a dry run on a host", "a command on a host"],
)
def test_words_for_another_place_are_refused(
    team: Team, deploy: str, words: str, status: int, end: str
) -> None:
    config = team.clone.read("config/production.env")
    team.clone.write("config/production.env", re.sub("(?m)^# kubectl .*\n", "", config))
    number = team.release(deploy, push(team))

    assert team.refused("bin/run", number, *words.split(), status=status) == f"bin/run: {end}"


def test_what_a_cluster_lacks_is_refused(team: Team) -> None:
    local = team.release("staging", team.build())
    line = team.refused("bin/run", local, status=REFUSED)
    remedy = 'run bin/release staging "$(bin/build)"'
    assert line == f"bin/run: {local} has an image without a registry; {remedy}"

    number = release(team)
    switch(team, "get", 1)
    line = team.refused("bin/run", number, status=NO_ENGINE)
    assert line == f"bin/run: cluster there does not answer; run {SHOWN} get deployments"

    (team.clone.path / ".venv/kubernetes/bin/kubectl").unlink()
    line = team.refused("bin/run", number, status=NO_ENGINE)
    assert line == "bin/run: no .venv/kubernetes/bin/kubectl; run bin/setup kubernetes"


def test_a_deploy_without_an_overlay_is_refused(team: Team) -> None:
    config = team.clone.read("config/staging.env")
    team.clone.write("config/canary.env", config)
    number = team.release("canary", push(team))

    line = team.refused("bin/run", number, status=REFUSED)
    overlay = "deploy/kubernetes/overlays/canary"
    remedy = f"run cp -r deploy/kubernetes/overlays/staging {overlay}, edit and commit it, then run bin/build"
    assert line == f"bin/run: no {overlay} in {number}; {remedy}"
