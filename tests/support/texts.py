"""What a reader of a rendered project sees: its Markdown, its pages, and every other file as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

from jinja2 import Environment, FileSystemLoader
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.baking import BakedProject
from tests.support.environment import ROOT

# Answers that stand for others. No other text of the template holds one of them.
STANDINS = {
    "project_name": "Zqname",
    "project_slug": "zqslug",
    "package_name": "zqpackage",
    "description": "Zqdescription",
    "author_name": "Zqauthor",
    "author_email": "zqemail@example.com",
    "image_repository": "zqimage",
}


def tokens(text: str) -> list[Token]:
    """Return the blocks of a Markdown file."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def paragraphs(text: str) -> list[tuple[str, str]]:
    """Return kind and text of every block of a Markdown file that holds nothing but text."""
    return [
        (opening.tag, "".join(child.content for child in inline.children or []))
        for opening, inline in pairwise(tokens(text))
        if inline.type == "inline" and all(child.type == "text" for child in inline.children or [])
    ]


class Page(HTMLParser):
    """Remember the tags, the title and the description of a page, and all that it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said: list[str] = [""]
        self.title = self.description = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag, and the content of the description."""
        self.tags.append(tag)
        self.said += [tag, *(f"{name}={value}" for name, value in attrs), ""]
        if ("name", "description") in attrs:
            self.description = dict(attrs)["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        """Remember the tag."""
        self.tags.append(f"/{tag}")
        self.said += [f"/{tag}", ""]

    def handle_data(self, data: str) -> None:
        """Remember the text, which may come in pieces."""
        self.said[-1] += data
        if self.tags[-1:] == ["title"]:
            self.title += data

    def handle_comment(self, data: str) -> None:
        """Remember the comment."""
        self.said += [f"<!--{data}", ""]


def rendered(template: str) -> Page:
    """Return the frame of every page as Flask renders it."""
    environment = Environment(autoescape=True)
    return Page(environment.from_string(template).render(url_for=lambda *_, **__: "/static"))


def page(project: BakedProject) -> Page:
    """Return the frame of every page of a project as Flask renders it."""
    return rendered(project.read("{package_name}/templates/base.html".format(**project.answers)))


def seen(name: str, text: str) -> list[str]:
    """Return what a file says, in which every answer reads as it was given."""
    if name.endswith(".md"):
        blocks = [part for token in tokens(text) for part in [token, *(token.children or [])]]
        # The content of a block is what its parts say, with the escapes.
        return [
            f"{part.type} {part.tag} {part.attrs} {part.content if not part.children else ''}"
            for part in blocks
        ]
    if name.endswith("base.html"):
        return rendered(text).said
    return [text]


@cache
def port(slug: str) -> str:
    """Return the port of this machine that compose.yaml gives to a service."""
    templates = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=False)  # noqa: S701  # no page
    return templates.from_string('{% from "port.jinja" import port %}{{ port(slug) }}').render(
        slug=slug
    )


def with_answers(text: str, answers: Mapping[str, str]) -> str:
    """Return a text with answers in the place of their stand-ins."""
    given = {standin: answers[name] for name, standin in STANDINS.items()}
    given[port(STANDINS["project_slug"])] = port(answers["project_slug"])
    return re.sub("|".join(map(re.escape, given)), lambda found: given[found.group()], text)
