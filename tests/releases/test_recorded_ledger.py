"""Releases that earlier versions of the template made are listed, run and rolled back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from tests.releases.releasing import Team
from tests.support.fixtures import Bake

pytestmark = pytest.mark.releases

IDS = {
    "sequence": ["v1", "v2", "v3", "v4", "v5"],
    "timestamp": [f"2026-11-25-22-{minute}" for minute in range(40, 45)],
}
# Kind, deploy, configuration and restored release; the messages of tags as bin/release of 0.1 wrote them
RECORDED = [
    ("deploy", "staging", 0, None),
    ("deploy", "production", 1, None),
    ("config", "production", 2, None),
    ("rollback", "production", 1, 1),
]
TAG = """object {revision}
type commit
tag {id}
tagger Ann <ann@example.com> 17956464{second} +0000

{id}: {kind} of {deploy}{to}

Claimed on vm as fOMfSq.

Deploy: {deploy}
Kind: {kind}
Image: {image}
Revision: {revision}
Config: sha256:{config}
"""
LIST = """\
{0}  staging  deploy  image {image}  revision {revision}  config {a}  2026-11-25T22:40:31Z  Ann
{1}  production  deploy  image {image}  revision {revision}  config {b}  2026-11-25T22:40:32Z  Ann
{2}  production  config  image {image}  revision {revision}  config {c}  2026-11-25T22:40:33Z  Ann
{3}  production  rollback to {1}  image {image}  revision {revision}  config {b}  2026-11-25T22:40:34Z  Ann
"""


def record(team: Team, ids: list[str], image: str, configs: list[str]) -> None:
    """Write tags and kept configurations as the earlier version did."""
    folder = team.home / "state/visit-counter/config"
    folder.mkdir(parents=True)
    for config in configs:
        (folder / f"{sha256(config.encode()).hexdigest()}.env").write_text(config)
    revision = team.git("rev-parse", "HEAD")
    for number, (kind, deploy, config_number, restored) in enumerate(RECORDED):
        to = "" if restored is None else f" to {ids[restored]}"
        text = TAG.format(
            **{"id": ids[number], "kind": kind, "deploy": deploy, "to": to, "image": image},
            **{"revision": revision, "second": 31 + number},
            config=sha256(configs[config_number].encode()).hexdigest(),
        )
        text += f"Restores:{to[3:]}\n" if to else ""
        file = team.home / "tag"
        file.write_text(text)
        tag = team.git("hash-object", "-t", "tag", "-w", str(file))
        team.git("update-ref", f"refs/tags/{ids[number]}", tag)
        team.git("push", "--quiet", "origin", ids[number])


@pytest.mark.parametrize("kind", IDS)
def test_a_recorded_ledger_is_listed_run_and_rolled_back(
    kind: str, bake: Bake, tmp_path: Path
) -> None:
    team = Team.of(bake(release_ids=kind), tmp_path / "team").with_fake_engine()
    ids, image = IDS[kind], team.build()
    secrets = team.clone.read("config/staging.env"), team.clone.read("config/production.env")
    configs = [secrets[0], secrets[1], secrets[1].replace("LOG_LEVEL=", "LOG_LEVEL=DEBUG")]
    record(team, ids, image, configs)
    short = [f"sha256:{sha256(config.encode()).hexdigest()[:12]}" for config in configs]
    assert team.run("bin/release", "--list").stdout == LIST.format(
        *ids,
        image=image.partition("@")[2][:19],
        revision=team.git("rev-parse", "HEAD")[:12],
        **dict(zip("abc", short, strict=True)),
    )
    for release in (ids[0], ids[3]):
        team.run("bin/run", release)
    assert team.run("bin/release", "--diff", ids[1], ids[2]).stdout == "LOG_LEVEL changed\n"
    back = team.show(team.release("--rollback", ids[2]))
    assert (back["Restores"], back["Config"]) == (ids[2], team.show(ids[2])["Config"])
    team.run("bin/run", back["Release"])
