"""Files config/<deploy>.env: lines that Docker and Compose read alike, and names that no setting has."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from pathlib import Path

from deploy.refusal import REFUSED, Refusal

# Docker and Compose read other lines differently.
LINE = re.compile("|#.*|[A-Z][A-Z0-9_]*=(?! )(?:(?! #)[^\"'$\\\\`\\x00-\\x1f\\x7f])*(?<! )")
FORM = (
    "expected NAME=value",
    "remove quotes, $, \\, control characters, comments and outer spaces",
)
# The text is decoded as Latin-1, in which every byte is a character.
BYTE_ORDER_MARK = "\xef\xbb\xbf"
# Python, OpenTelemetry, TLS and HTTP libraries read variables that are no settings of the service.
OF_LIBRARIES = re.compile("(?:LC_|OTEL_|PYTHON|SSL_CERT_).+|(?:HTTPS?|NO)_PROXY|LANG|TZ")
MAX_LINES = 3
SIMILARITY = 0.7  # of 1; REDIS_PASSWORD and REDIS_URL have 0.61


def read(path: Path, script: str) -> bytes:
    """Return the content of a file, and warn of its unknown names; raises Refusal."""
    content = path.read_bytes()
    check(path, content)
    for warning in unknown_names(path, content):
        print(f"{script}: {warning}", file=sys.stderr)
    return content


def parse(content: bytes) -> dict[str, str]:
    """Return the value of every setting."""
    text = content.decode("utf-8", "surrogateescape")
    return dict(re.findall("^([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE))


def check(path: Path, content: bytes) -> None:
    """Raise Refusal with the lines of the first fault, and never with a value."""
    found: dict[tuple[str, str], list[str]] = {}
    for number, line in enumerate(content.decode("latin-1").split("\n"), 1):
        if fault := find_fault(line):
            found.setdefault(fault, []).append(str(number))
    if found:
        [(problem, remedy), numbers] = next(iter(found.items()))
        more = " …" if len(numbers) > MAX_LINES else ""
        lines = " ".join(numbers[:MAX_LINES]) + more
        raise Refusal(REFUSED, f"{path}, line {lines}: {problem}", remedy)


def find_fault(line: str) -> tuple[str, str] | None:
    """Return the problem of a line and its remedy, or None."""
    if line.startswith(BYTE_ORDER_MARK):
        return "begins with an invisible byte order mark", "save the file as UTF-8 without it"
    if line.endswith("\r"):
        return "ends with an invisible carriage return", "save the file with LF line endings"
    if line.startswith("export "):
        return "expected NAME=value without export", "remove the word export"
    return None if LINE.fullmatch(line) else FORM


def unknown_names(path: Path, content: bytes) -> list[str]:
    """Return a warning for each name that no sample has, with the nearest name of a sample."""
    samples = path.parent.glob("*.env.example")
    known = {name for sample in samples for name in parse(sample.read_bytes())}
    known |= {f"{name}_FILE" for name in known}
    warnings = []
    for name in parse(content).keys() - known:
        if not OF_LIBRARIES.fullmatch(name):
            near = get_close_matches(name, sorted(known), 1, SIMILARITY)
            remedy = f"did you mean {near[0]}?" if near else "remove it, or add it to every sample"
            warnings.append(f"{path}: unknown setting {name}; {remedy}")
    return sorted(warnings)
