"""Violations planted in bin/build, bin/release and bin/run."""

from __future__ import annotations

from tests.gate.mutations import Mutation

BUILD, RELEASE, FETCH = "deploy/build.py", "deploy/release.py", "deploy/fetch.py"
CLAIM, COMMIT = "deploy/claim.py", "deploy/commit.py"
LEDGER, REPOSITORY = "deploy/ledger.py", "deploy/repository.py"

# Ids of assertions -> rows of violation, file, old text, new text
VIOLATIONS: dict[str, list[tuple[str, str, str, str]]] = {
    "V.1": [
        (
            "a build of untracked files",
            COMMIT,
            "--untracked-files=normal",
            "--untracked-files=no",
        ),
        (
            "a build of uncommitted files",
            BUILD,
            "        unpack(revision, source)\n",
            '        __import__("shutil").copytree(".", source, dirs_exist_ok=True)\n',
        ),
    ],
    "V.3": [
        (
            "two identical concurrent releases share an id",
            CLAIM,
            "Claimed on {platform.node()} as {secrets.token_hex(4)}.",
            "Claimed on {platform.node()}.",
        ),
    ],
    "V.4": [
        (
            "a forced tag",
            CLAIM,
            'git("update-ref", ref, tag, "").status',
            'git("tag", "--force", release_id, tag).status',
        ),
    ],
    "V.5": [
        (
            "a release without its author",
            LEDGER,
            '"taggername", ',
            '"objecttype", ',
        ),
    ],
    "V.6": [
        (
            "a rollback that keeps the present configuration",
            RELEASE,
            '"" if arguments.keep_config else old.config',
            '""',
        ),
    ],
    "V.7": [
        (
            "a run with a changed configuration",
            FETCH,
            "    if path.exists() and not is_restored:",
            "    if False:",
        ),
    ],
    "V.9": [
        (
            "a dry run that makes a release",
            RELEASE,
            '(ledger.repository)))), end="")\n            return\n',
            '(ledger.repository)))), end="")\n',
        ),
    ],
    "V.10": [
        (
            "a ledger that requires a remote",
            REPOSITORY,
            'return "".join(names)',
            'return "origin"',
        ),
    ],
    "V.11": [
        (
            "a release of this clone alone",
            CLAIM,
            "(push if ledger.repository.remote else create_ref)",
            "create_ref",
        ),
        (
            "git with the variables of a hook",
            REPOSITORY,
            "if not UNSET.fullmatch(name)",
            "if name",
        ),
        (
            "a remote that must be named origin",
            REPOSITORY,
            '        return "".join(names)\n',
            '        return "origin" if names else ""\n',
        ),
    ],
    "V.12": [
        ("a build without its submodules", COMMIT, "(?:^|\\0)160000 ", "(?:^|\\0)nothing "),
        (
            "a build without ignored files",
            COMMIT,
            "    for path in git(*ignored, *paths)",
            "    for path in () and git(*ignored, *paths)",
        ),
        ("a build of a folder of a repository", REPOSITORY, "    if prefix:\n", "    if False:\n"),
    ],
}
MUTATIONS = [
    Mutation(*violation, frozenset(ids.split()))
    for ids, violations in VIOLATIONS.items()
    for violation in violations
]
