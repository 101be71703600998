"""Parsers for each kind of file that a service has."""

from __future__ import annotations

import ast
import configparser
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from html.parser import HTMLParser

import yaml  # type: ignore[import-untyped]  # has no types
from markdown_it import MarkdownIt

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
PIN = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,-]+\])?==[^\s;]+( ; .+)?( --hash=sha256:[0-9a-f]{64})+")
INPUT = re.compile(r"(-c [\w./-]+|[a-z0-9-]+(\[[a-z0-9,-]+\])?)")


class TagChecker(HTMLParser):
    """Parser that raises AssertionError unless all elements are closed in the right order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, unless it is void."""
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


def match_lines(pattern: str | re.Pattern[str]) -> Callable[[str], None]:
    """Return a parser that requires a pattern of each line, comments and blank lines excepted."""

    def parse(text: str) -> None:
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        assert [line for line in lines if not re.fullmatch(pattern, line)] == []

    return parse


def parse_css(text: str) -> None:
    """Parse the blocks of a style sheet."""
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    while (inner := re.sub(r"[^{};]+\{[^{}]*\}", "", bare)) != bare:
        bare = inner
    assert not bare.strip(), f"outside a block: {bare}"


def parse_lock(text: str) -> None:
    """Parse a lock: each package has an exact version and hashes."""
    match_lines(PIN)(re.sub(r" *\\\n *", " ", re.sub(r"^ +# .*\n", "", text, flags=re.MULTILINE)))
    assert "==" in text


def parse_shell(text: str) -> None:
    """Parse a shell script."""
    assert text.startswith("#!/bin/sh\n")
    result = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


# Pattern of a file name -> function that raises an exception if the text is malformed
PARSERS: dict[str, Callable[[str], object]] = {
    r".*\.py": ast.parse,
    r".*\.toml": tomllib.loads,
    r".*\.ya?ml": lambda text: list(yaml.safe_load_all(text)),
    r".*\.json": json.loads,
    r".*\.html": TagChecker,
    r".*\.css": parse_css,
    r".*\.env\.example": match_lines(r"[A-Z][A-Z_]*=\S*"),
    r".*\.md": MarkdownIt().parse,
    r"bin/[a-z]+|deploy/[a-z]+\.sh": parse_shell,
    r"requirements(-\w+)?\.txt": parse_lock,
    r"requirements(-\w+)?\.in": match_lines(INPUT),
    r"Dockerfile": lambda text: match_lines(r"[A-Z]+ \S.*")(re.sub(r" \\\n", "", text)),
    r"deploy/haproxy/haproxy\.cfg": match_lines(r"[a-z]+( \w+)?| {4}[a-z_-]+ \S.*| +#.*"),
    r"Procfile": match_lines(r"[a-z]+: \S.*"),
    r"\.editorconfig": lambda text: configparser.ConfigParser().read_string("[top]\n" + text),
    r"\.shellcheckrc": match_lines(r"[a-z-]+=\S+"),
    r"\.python-version": match_lines(r"3\.\d+"),
    r"\.(git|docker)ignore": match_lines(r"[!/.\w*-]+"),
    r"\.gitattributes": match_lines(r"\S+( -?[a-z]+(=\S+)?)+"),
    r"LICENSE": str.strip,
    r"\.(github|gitlab|bitbucket)/CODEOWNERS": match_lines(r"\* \S+@\S+"),
}
