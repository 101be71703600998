"""Violations of what builds, releases and runs a service."""

from __future__ import annotations

from mutations import Mutation

BUILD, RELEASE, RUN = "bin/build", "bin/release", "bin/run"
LEDGER, COMMON = "deploy/ledger.sh", "deploy/common.sh"

# The ids of assertions -> why they must fail, the file, the old text and the new.
VIOLATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "V.1": [
        (
            "a build of untracked files",
            BUILD,
            "git status --porcelain --untracked-files=normal",
            "git status --porcelain --untracked-files=no",
        ),
        (
            "a build of whatever lies around",
            BUILD,
            'git archive "$revision" | tar',
            "tar -c --exclude .git . | tar",
        ),
    ],
    "V.3": [
        (
            "two identical releases at once share an id",
            RELEASE,
            '"Claimed on $(uname -n) as ${scratch##*.}."',
            '"Claimed on $(uname -n)."',
        ),
    ],
    "V.4": [
        (
            "a tag that is moved",
            LEDGER,
            """git update-ref "refs/tags/$id" "$object" ''""",
            'git tag --force "$id" "$object"',
        ),
    ],
    "V.5": [
        (
            "a release of nobody knows whom",
            LEDGER,
            "Person: %(taggername)",
            "Person: %(objecttype)",
        ),
    ],
    "V.6": [
        (
            "a rollback of the image alone",
            RELEASE,
            'if [ -n "$keep_config" ]; then',
            "if true; then",
        ),
    ],
    "V.7": [
        (
            "whatever configuration is there",
            RUN,
            '[ "$(fingerprint "$file")" = "$config" ] ||',
            "true ||",
        ),
    ],
    "V.9": [
        (
            "a dry run that is none",
            RELEASE,
            "    record\n    exit\nfi\n",
            "    record\nfi\n",
        ),
    ],
    "V.10": [
        (
            "nothing without a remote",
            COMMON,
            "remote=$(git remote | sed -n '/^origin$/p')",
            "remote=origin",
        ),
    ],
}
MUTATIONS = [
    Mutation(*violation, frozenset(ids.split()))
    for ids, violations in VIOLATIONS.items()
    for violation in violations
]
