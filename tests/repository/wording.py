"""Refuse phrases that a reader of the field would not recognise, and long lines of prose."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.environment import ROOT

FOLDERS = ("{{cookiecutter.project_slug}}", "bench", "bin", "docs", "hooks", "templates", "tests")
CHECKED = (*FOLDERS, "README.md", "CHANGELOG.md", "CONTRIBUTING.md")
# Files of tools, texts of others, and the table of phrases with its test
SKIPPED = re.compile(r"\.venv|\..*_cache|__pycache__|reports|licenses|wording\.py|test_wording\.py")

# Phrase -> what to write. A space also matches a line break with a comment sign, and the underscore of a name.
INSTEAD = {
    r"in vain": "without a response; until the deadline",
    r"goodbye": "half-close; FIN",
    r"for ever": "without a deadline; until restarted",
    r"whoever": "the noun: the client, the caller, the thread",
    r"as it says above": "the command that solves it",
    r"tells? whether": "return True if",
    r"hangs? up|hung up|hanging up": "close; close the connection",
    r"says? nothing|said nothing|saying nothing": "send nothing; log nothing",
    r"speaks?|spoke|speaking": "send; use, for a protocol",
    r"patience": "timeout; deadline",
    r", as (?:it(?! says above)|they)": "a sentence of its own; because",
    r", if only": "a sentence of its own; only if",
}
GAP = r"[\s#_]+"
PATTERNS = {
    re.compile(
        r"(?<![a-z-])" * phrase[0].isalpha() + f"(?:{phrase})".replace(" ", GAP) + r"(?![a-z-])",
        re.I,
    ): instead
    for phrase, instead in INSTEAD.items()
}


MAX_CHARACTERS = 110
# Parts of Markdown that are not prose: generated parts, code, rows of tables. A link counts without its URL.
NO_PROSE = re.compile(
    r"^<!-- (.+) -->$.+?^<!-- end of \1 -->$|^```.+?^```$|^\|[^\n]*$", re.M | re.S
)
URL = re.compile(r"(?<=\])\(\S+?\)")


def find_files(paths: list[Path]) -> Iterator[Path]:
    """Yield the files at and below the paths, except those of SKIPPED."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            skipped = any(map(SKIPPED.fullmatch, file.relative_to(path).parts))
            if file.is_file() and not skipped:
                yield file


def check_text(text: str) -> list[tuple[int, str, str]]:
    """Return line number, phrase and replacement of each refused phrase."""
    found = []
    for pattern, instead in PATTERNS.items():
        for match in pattern.finditer(text):
            phrase = " ".join(re.sub("[#_]", " ", match.group()).split())
            found.append((text.count("\n", 0, match.start()) + 1, phrase, instead))
    return sorted(found)


def check_lines(text: str) -> list[tuple[int, int]]:
    """Return line number and length of each line of Markdown prose that is too long."""
    prose = URL.sub("", NO_PROSE.sub(lambda match: "\n" * match.group().count("\n"), text))
    lengths = enumerate(map(len, prose.split("\n")), 1)
    return [(line, length) for line, length in lengths if length > MAX_CHARACTERS]


def check_file(file: Path) -> list[str]:
    """Return one message for each refused phrase and each long line of a text file."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        return []
    long = check_lines(text) if file.suffix == ".md" else []
    # A table of CONTRIBUTING.md may list refused phrases.
    if file.name == "CONTRIBUTING.md":
        text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return [
        f'{name}:{line}: "{phrase}": write {instead}' for line, phrase, instead in check_text(text)
    ] + [
        f"{name}:{line}: {length} characters; wrap the line at {MAX_CHARACTERS}"
        for line, length in long
    ]


def main(names: list[str]) -> int:
    """Return 1 and print the messages if a file has a refused phrase or a long line, else 0."""
    paths = [Path(name) for name in names] or [ROOT / name for name in CHECKED]
    messages = [message for file in find_files(paths) for message in check_file(file)]
    print("\n".join(messages), end="\n" * bool(messages), file=sys.stderr)
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
