"""Write the sections of docs/twelve-factors.md from the markers of the gate.

python -m tests.factors.document          write it
python -m tests.factors.document --check  change nothing, and fail if it does not match
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.factors.report import out_of_scope
from tests.factors.support.assertions import FACTORS, IDS
from tests.support.service import ROOT

DOCUMENT = ROOT / "docs/twelve-factors.md"
SECTION = "\n## ["  # begins the first section; the text before it is yours
# How the service meets each factor, and the files to look at.
HOW = {
    "I": "One repository, one app, one image that names its commit. Deploys differ in configuration only.\n"
    "Files: `Dockerfile`, `runtime/version.py`.",
    "II": "Every package is locked with its hashes in a virtual environment, and every image by digest.\n"
    "Files: `requirements*.in`, `requirements*.txt`, `Dockerfile`, `bin/setup`, `bin/lock`.",
    "III": "One table of settings, read strictly from the environment.\n"
    "Files: `runtime/settings.py`, `runtime/parsers.py`, `config/`, `compose.yaml`.",
    "IV": "Redis is a URL. Every wait has a deadline, and recovery needs no restart.\n"
    "Files: `runtime/backing/`.",
    "V": "One image of one commit, and a ledger of releases in git. Every process type is replaced.\n"
    "Files: `bin/build`, `bin/release`, `bin/run`, `deploy/`.",
    "VI": "A process keeps no state between requests. Cookies are signed with a configured key.\n"
    "Files: `runtime/backing/`, `runtime/web/security.py`.",
    "VII": "gunicorn serves HTTP on `PORT`.\nFiles: `gunicorn.conf.py`, `runtime/web/`.",
    "VIII": "Process types have one line each. Workers and threads come from the environment.\n"
    "Files: `Procfile`, `gunicorn.conf.py`, `compose.yaml`, `deploy/haproxy/`.",
    "IX": "Start is fast. A stop fails readiness, drains the backlog, and ends in-flight requests.\n"
    "Files: `gunicorn.conf.py`, `runtime/server/`, `healthcheck.py`.",
    "X": "The same server and a real Redis everywhere. Development differs in configuration and mounts.\n"
    "Files: `bin/dev`, `compose.dev.yaml`, `dev/`.",
    "XI": "One JSON event a line on stdout, unbuffered. The platform collects them.\n"
    "Files: `runtime/telemetry/`, `compose.logging.yaml`, `deploy/logging/`.",
    "XII": "Commands of the app, with the configuration of the app.\nFiles: `runtime/cli.py`.",
}


def list_proofs(path: Path) -> Iterator[tuple[str, str]]:
    """Return each assertion that a test of a file proves, with the name of the test as a sentence."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            sentence = node.name.removeprefix("test_").replace("_", " ")
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "proves":
                    yield from ((ast.literal_eval(one), sentence) for one in decorator.args)


def write_sections() -> Iterator[str]:
    """Return the lines of a section per factor."""
    proofs: dict[str, list[str]] = {one: [] for one in IDS}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for one, sentence in list_proofs(path):
            proofs[one].append(sentence)
    for factor, (title, _) in FACTORS.items():
        page = title.lower().translate(str.maketrans(" /", "--", ","))
        yield from (f"## [{factor} {title}](https://12factor.net/{page})", "", HOW[factor], "")
        yield from ("| assertion | proved by |", "|---|---|")
        own = {one: found for one, found in proofs.items() if one.startswith(f"{factor}.")}
        yield from (f"| {one} | {'; '.join(found)} |" for one, found in own.items() if found)
        yield from (f"| {ids.replace(':', ' |')} |" for ids in out_of_scope(factor))
        yield ""


def main(words: list[str]) -> int:
    """Write or check the document, and return the exit status."""
    before = DOCUMENT.read_text("utf-8")
    text = before.partition(SECTION)[0] + "\n" + "\n".join(write_sections())
    if text == before:
        return 0
    if words != ["--check"]:
        DOCUMENT.write_text(text, "utf-8")
        return 0
    print("docs/twelve-factors.md: differs from the gate; run bin/lint --fix", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
