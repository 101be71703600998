"""Find what is wrong with a rendered file: left-over Jinja, scars, and what its format does not allow."""

from __future__ import annotations

import ast
import configparser
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # has no types
from markdown_it import MarkdownIt

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
# GitHub Actions has ${{ x }}, and a format string of Python {{{x}}}. Shells have ${x#y} and ${x%y}.
LEFTOVER = re.compile(r"(?<!\$)\{[{%#]|[-+\s]%\}|[-+]\}\}")
PYTHON_BRACES = re.compile(r"\{\{\{\w+\}\}\}")
SCARS = {
    "a byte order mark": r"\A\ufeff",
    "a line that does not end in LF alone": r"\r",
    "a tab": r"\t",
    "white space at the end of a line": r"[^\S\r\n]+$",
    "an empty line at the end": r"\n\n\Z",
    "no line feed at the end": r"[^\n]\Z",
}
PIN = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[^\s;]+( ; .+)?( --hash=sha256:[0-9a-f]{64})+")
INPUT = re.compile(r"(-c [\w./-]+|[a-z0-9-]+(\[[a-z0-9,-]+\])?)")
# The address of a package index belongs to the configuration of a machine.
INDEX = re.compile(r"\w+://\S*([/]simple(?![\w-])|\bpypi\b(?!\.org/project)|\bpythonhosted\b)")


def leftovers(name: str, text: str) -> list[str]:
    """Return every trace of the template in a rendered file."""
    if name.endswith(".py"):
        text = PYTHON_BRACES.sub("", text)
    # The pages of the service are templates themselves.
    found = [] if name.endswith(".html") else LEFTOVER.findall(text)
    return found + re.findall("cookiecutter", text, re.IGNORECASE)


def scars(name: str, text: str) -> list[str]:
    """Return what a careful author would not have left in a file."""
    found = [scar for scar, pattern in SCARS.items() if re.search(pattern, text, re.MULTILINE)]
    # Python has two empty lines around functions, and licenses are as their authors wrote them.
    gap = 3 if name.endswith(".py") or name == "LICENSE" else 2
    return found + ["a gap"] * ("\n" * (gap + 1) in text)


class Tags(HTMLParser):
    """Keep track of the tags that are open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, if it is one that ends."""
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def lines(text: str) -> list[str]:
    """Return the lines that are neither empty nor comments."""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def every_line(pattern: str | re.Pattern[str]) -> Callable[[str], None]:
    """Make a reader of a text whose every line has the same form."""

    def read(text: str) -> None:
        wrong = [line for line in lines(text) if not re.fullmatch(pattern, line)]
        assert wrong == [], f"not of the form: {wrong}"

    return read


def read_css(text: str) -> None:
    """Read a style sheet as far as its blocks."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    while (inner := re.sub(r"[^{};]+\{[^{}]*\}", "", bare)) != bare:
        bare = inner
    assert not bare.strip(), f"not in a block: {bare}"


def read_requirements(text: str) -> None:
    """Read a lock, in which every package has an exact version and hashes."""
    every_line(PIN)(re.sub(r" *\\\n *", " ", re.sub(r"^ +# .*\n", "", text, flags=re.MULTILINE)))
    assert "==" in text


def read_shell(text: str) -> None:
    """Read a shell script."""
    assert text.startswith("#!/bin/sh\n")
    result = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


READERS: dict[str, Callable[[str], object]] = {
    r".*\.py": ast.parse,
    r".*\.toml": tomllib.loads,
    r".*\.ya?ml": lambda text: list(yaml.safe_load_all(text)),
    r".*\.json": json.loads,
    r".*\.html": Tags,
    r".*\.css": read_css,
    r".*\.env\.example": every_line(r"[A-Z][A-Z_]*=\S*"),
    r".*\.md": MarkdownIt().parse,
    r"bin/[a-z]+|deploy/[a-z]+\.sh": read_shell,
    r"requirements(-\w+)?\.txt": read_requirements,
    r"requirements(-\w+)?\.in": every_line(INPUT),
    r"Dockerfile": lambda text: every_line(r"[A-Z]+ \S.*")(re.sub(r" \\\n", "", text)),
    r"deploy/haproxy/haproxy\.cfg": every_line(r"[a-z]+( \w+)?| {4}[a-z_-]+ \S.*| +#.*"),
    r"Procfile": every_line(r"[a-z]+: \S.*"),
    r"\.editorconfig": lambda text: configparser.ConfigParser().read_string("[top]\n" + text),
    r"\.shellcheckrc": every_line(r"[a-z-]+=\S+"),
    r"\.python-version": every_line(r"3\.\d+"),
    r"\.(git|docker)ignore": every_line(r"[!/.\w*-]+"),
    r"LICENSE": str.strip,
}


def unreadable(name: str, text: str) -> list[str]:
    """Return why a file is not what its name says."""
    readers = [reader for pattern, reader in READERS.items() if re.fullmatch(pattern, name)]
    try:
        [reader] = readers
        reader(text)
    except (AssertionError, ValueError, SyntaxError, configparser.Error, yaml.YAMLError) as error:
        return [f"{type(error).__name__}: {error}"]
    return []


def broken_links(path: Path, text: str) -> list[str]:
    """Return the relative links of a Markdown file that lead nowhere."""
    inline = [child for token in MarkdownIt().parse(text) for child in token.children or []]
    links = [str(token.attrs.get("href", token.attrs.get("src", ""))) for token in inline]
    local = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    return [link for link in local if not (path.parent / link).exists()]


def faults(name: str, path: Path) -> list[str]:
    """Return everything that is wrong with a rendered file."""
    text = path.read_bytes().decode("utf-8")
    links = broken_links(path, text) if name.endswith(".md") else []
    return [*leftovers(name, text), *scars(name, text), *unreadable(name, text), *links]
