"""Find the defects of a rendered file: traces of Jinja, bad whitespace, syntax errors, dead links."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # has no types
from markdown_it import MarkdownIt

from tests.support.parsers import PARSERS

# GitHub Actions has ${{ x }}, and a format string of Python {{{x}}}. Shells have ${x#y} and ${x%y}.
JINJA = re.compile(r"(?<!\$)\{[{%#]|[-+\s]%\}|[-+]\}\}")
# A block of Markdown with a page of the service, or with Python
PAGE = re.compile(r"^```html\n.*?^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```(?:python|diff)\n.*?^```$", re.MULTILINE | re.DOTALL)
# The package that cruft brings, which bin/update runs
DEPENDENCY_OF_CRUFT = re.compile(
    r"^(cookiecutter==| {4}# via cookiecutter$| {4}#   cookiecutter$)", re.MULTILINE
)
PYTHON_BRACES = re.compile(r"\{\{\{\w+\}\}\}")
WHITESPACE = {
    "byte order mark": r"\A\ufeff",
    "carriage return": r"\r",
    "tab": r"\t",
    "trailing whitespace": r"[^\S\r\n]+$",
    "blank line at the end": r"\n\n\Z",
    "no line feed at the end": r"[^\n]\Z",
}
TOO_MANY_BLANK_LINES = "too many blank lines"
# The address of a package index belongs to the configuration of a machine.
INDEX = re.compile(r"\w+://\S*([/]simple(?![\w-])|\bpypi\b(?!\.org/project)|\bpythonhosted\b)")


def find_jinja(name: str, text: str) -> list[str]:
    """Return all traces of the template in a rendered file."""
    if name.endswith(".py"):
        text = PYTHON_BRACES.sub("", text)
    if name.endswith(".md"):
        text = PAGE.sub("", text)
    # The pages of the service are templates themselves.
    found = [] if name.endswith(".html") else JINJA.findall(text)
    if name == "requirements-tools.txt":
        text = DEPENDENCY_OF_CRUFT.sub("", text)
    return found + re.findall("cookiecutter", text, re.IGNORECASE)


def find_whitespace(name: str, text: str) -> list[str]:
    """Return the whitespace defects of a file."""
    found = [
        defect for defect, pattern in WHITESPACE.items() if re.search(pattern, text, re.MULTILINE)
    ]
    if name.endswith(".md"):
        text = PYTHON.sub("code", text)
    # Python has two blank lines around functions, and some licenses have two between sections.
    allowed = 2 if name.endswith(".py") or name == "LICENSE" else 1
    return found + [TOO_MANY_BLANK_LINES] * ("\n" * (allowed + 2) in text)


def find_syntax_errors(name: str, text: str) -> list[str]:
    """Return the error of the parser for a file; a name without exactly one parser is an error."""
    parsers = [parse for pattern, parse in PARSERS.items() if re.fullmatch(pattern, name)]
    try:
        [parse] = parsers
        parse(text)
    except (AssertionError, ValueError, SyntaxError, configparser.Error, yaml.YAMLError) as error:
        return [f"{type(error).__name__}: {error}"]
    return []


def find_dead_links(path: Path, text: str) -> list[str]:
    """Return the relative links of a Markdown file without a target."""
    inline = [child for token in MarkdownIt().parse(text) for child in token.children or []]
    links = [str(token.attrs.get("href", token.attrs.get("src", ""))) for token in inline]
    local = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    return [link for link in local if not (path.parent / link).exists()]


def find_defects(name: str, path: Path) -> list[str]:
    """Return all defects of a rendered file."""
    text = path.read_bytes().decode("utf-8")
    links = find_dead_links(path, text) if name.endswith(".md") else []
    return [
        *find_jinja(name, text),
        *find_whitespace(name, text),
        *find_syntax_errors(name, text),
        *links,
    ]
