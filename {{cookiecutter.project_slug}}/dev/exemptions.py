"""Known vulnerabilities that bin/audit accepts: the table [[tool.exemptions]] of pyproject.toml."""

import re
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

FILE = "pyproject.toml"
FIELDS = {"id": str, "reason": str, "until": date}
ID = re.compile("[A-Z]+-[A-Za-z0-9-]+")


def find_problem(exemption: Any, today: date) -> str:
    """Return what is wrong with an exemption, and the remedy, or an empty text."""
    kinds = {name: type(value) for name, value in dict(exemption).items()}
    if kinds != FIELDS or not exemption["reason"].strip() or not ID.fullmatch(exemption["id"]):
        return "expected id, reason and until, a date; correct it"
    if exemption["until"] < today:
        return f"ended on {exemption['until']}; update the package, or decide again"
    return ""


def main() -> int:
    """Print the option of pip-audit for each exemption; return 3 if one is malformed or has ended."""
    tables = tomllib.loads(Path(FILE).read_text("utf-8")).get("tool", {}).get("exemptions", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        print(f"bin/audit: {FILE}: exemptions is no list of tables; correct it", file=sys.stderr)
        return 3
    today = datetime.now(UTC).date()
    problems = [(one.get("id"), problem) for one in tables if (problem := find_problem(one, today))]
    for name, problem in problems:
        print(f"bin/audit: {FILE}: exemption {name}: {problem}", file=sys.stderr)
    if not problems:
        print(*(f"--ignore-vuln={one['id']}" for one in tables))
    return 3 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
