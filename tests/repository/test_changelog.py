"""Each version of CHANGELOG.md has a date, and a tag or a note that it was never tagged."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.support.environment import ROOT
from tests.updates.versions import find_revisions, run_git_here

HEADING = re.compile(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-(?:0\d|1[0-2])-[0-3]\d)\)")
SECTION = re.compile(r"^## (?!Unreleased$)(.*)\n+(?:Not tagged; it is commit `(\w+)`\.$)?", re.M)
NEW, OLD = "## 0.2.0 (2026-12-24)\n\n- New.\n\n", "## 0.1.0 (2026-11-23)\n\n- Old.\n"
NOTED = NEW + OLD.replace("- Old.", f"Not tagged; it is commit `{'a' * 12}`.")
COMMITS, TAG = {"0.1.0": "a" * 40, "0.2.0": "b" * 40}, {"v0.2.0": "b" * 40}
WRONG = {
    "a version without a date": (NOTED.replace(" (2026-12-24)", ""), {}),
    "the oldest first": (OLD + NEW, {}),
    "dates out of order": (NOTED.replace("2026-12", "2026-10"), {}),
    "a version without its tag": (NEW + OLD, TAG),
    "a tag on another commit": (NOTED, {"v0.2.0": "a" * 40}),
    "a tag without its version": (NOTED, {"v0.3.0": "c" * 40}),
    "a tag beside the note": (NOTED, {"v0.1.0": "a" * 40}),
    "a note of another commit": (NOTED.replace("aaaa`", "bbbb`"), {}),
}


def check(changelog: str, commits: dict[str, str], tags: dict[str, str]) -> None:
    """Raise AssertionError for a wrong heading, date, tag or note; a clone may lack all tags."""
    found = [(HEADING.fullmatch(heading), note) for heading, note in SECTION.findall(changelog)]
    keys = [([int(match[n]) for n in (1, 2, 3)], match[4]) for match, _ in found if match]
    assert len(keys) == len(found), f"not ## X.Y.Z (YYYY-MM-DD): {SECTION.findall(changelog)}"
    assert all(one[0] > two[0] and one[1] >= two[1] for one, two in pairwise(keys)), keys
    versions = [".".join(map(str, numbers)) for numbers, _ in keys]
    assert tags.keys() <= {f"v{version}" for version in versions}, "a tag without its version"
    for version, (_, note) in zip(versions, found, strict=True):
        tag = tags.get(f"v{version}")
        assert not (tag and note), f"{version}: delete the note, because v{version} exists"
        commit = tag or note
        assert commits.get(version, commit).startswith(commit), f"{version} is another commit"
        # The newest version is committed before it is tagged.
        assert commit or not tags or version == versions[0], f"{version}: run git fetch --tags"


def test_every_version_has_a_date_and_its_tag_or_a_note() -> None:
    shown = run_git_here("for-each-ref", "--format=%(refname:strip=2) %(*objectname)", "refs/tags")
    tags = dict(re.findall(r"^(v\d+\.\d+\.\d+) (\w*)$", shown, re.MULTILINE))
    check((ROOT / "CHANGELOG.md").read_text("utf-8"), find_revisions(), tags)


def test_a_note_or_a_tag_is_accepted_and_a_clone_may_have_no_tag() -> None:
    for tags in ({}, TAG):
        check(f"## Unreleased\n\n- Soon.\n\n{NOTED}", COMMITS, tags)


@pytest.mark.parametrize(("changelog", "tags"), WRONG.values(), ids=WRONG)
def test_a_wrong_version_is_refused(changelog: str, tags: dict[str, str]) -> None:
    with pytest.raises(AssertionError):
        check(changelog, COMMITS, tags)
