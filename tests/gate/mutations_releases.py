"""Violations planted in bin/build, bin/release and bin/run."""

from __future__ import annotations

from tests.gate.mutations import Mutation

BUILD, RELEASE, RUN = "bin/build", "bin/release", "bin/run"
LEDGER, COMMON = "deploy/ledger.sh", "deploy/common.sh"

# Ids of assertions -> rows of violation, file, old text, new text
VIOLATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "V.1": [
        (
            "a build of untracked files",
            BUILD,
            "git status --porcelain --untracked-files=normal",
            "git status --porcelain --untracked-files=no",
        ),
        (
            "a build of uncommitted files",
            BUILD,
            'git archive "$revision" | tar',
            "tar -c --exclude .git . | tar",
        ),
    ],
    "V.3": [
        (
            "two identical concurrent releases share an id",
            RELEASE,
            '"Claimed on $(uname -n) as ${scratch##*.}."',
            '"Claimed on $(uname -n)."',
        ),
    ],
    "V.4": [
        (
            "a forced tag",
            LEDGER,
            """git update-ref "refs/tags/$id" "$object" ''""",
            'git tag --force "$id" "$object"',
        ),
    ],
    "V.5": [
        (
            "a release without its author",
            LEDGER,
            "Person: %(taggername)",
            "Person: %(objecttype)",
        ),
    ],
    "V.6": [
        (
            "a rollback that keeps the present configuration",
            RELEASE,
            'if [ -n "$keep_config" ]; then',
            "if true; then",
        ),
    ],
    "V.7": [
        (
            "a run with a changed configuration",
            RUN,
            '[ "$(fingerprint "$file")" = "$config" ] ||',
            "true ||",
        ),
    ],
    "V.9": [
        (
            "a dry run that makes a release",
            RELEASE,
            "    record\n    exit\nfi\n",
            "    record\nfi\n",
        ),
    ],
    "V.10": [
        (
            "a ledger that requires a remote",
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
