"""Text of rendered files as a reader sees it: blocks of Markdown, text of a page, plain text."""

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

# Answers that occur nowhere else in the template
PLACEHOLDERS = {
    "project_name": "Zqname",
    "project_slug": "zqslug",
    "package_name": "zqpackage",
    "description": "Zqdescription",
    "author_name": "Zqauthor",
    "author_email": "zqemail@example.com",
    "image_repository": "zqregistry.example/zqimage",
}


def parse_markdown(text: str) -> list[Token]:
    """Return the blocks of a Markdown file."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def extract_paragraphs(text: str) -> list[tuple[str, str]]:
    """Return tag and text of each block of a Markdown file that contains only text."""
    return [
        (opening.tag, "".join(child.content for child in inline.children or []))
        for opening, inline in pairwise(parse_markdown(text))
        if inline.type == "inline" and all(child.type == "text" for child in inline.children or [])
    ]


class Page(HTMLParser):
    """Tags, title, description and all text of an HTML page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.parts: list[str] = [""]
        self.title = self.description = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Add a tag with its attributes, and read the description."""
        self.tags.append(tag)
        self.parts += [tag, *(f"{name}={value}" for name, value in attrs), ""]
        if ("name", "description") in attrs:
            self.description = dict(attrs)["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        """Add the end of a tag."""
        self.tags.append(f"/{tag}")
        self.parts += [f"/{tag}", ""]

    def handle_data(self, data: str) -> None:
        """Add text, which the parser may deliver in several pieces."""
        self.parts[-1] += data
        if self.tags[-1:] == ["title"]:
            self.title += data

    def handle_comment(self, data: str) -> None:
        """Add a comment."""
        self.parts += [f"<!--{data}", ""]


def render_page(template: str) -> Page:
    """Return the base page as Flask renders it."""
    environment = Environment(autoescape=True)
    return Page(
        environment.from_string(template).render(url_for=lambda *_, **__: "/static", request={})
    )


def read_page(project: BakedProject) -> Page:
    """Return the base page of a project as Flask renders it."""
    name = "{package_name}/templates/base.html".format(**project.answers)
    return render_page(project.read(name))


def extract_text(name: str, text: str) -> list[str]:
    """Return the text of a file, with every answer in the form in which it was given."""
    if name.endswith(".md"):
        blocks = [
            part for token in parse_markdown(text) for part in [token, *(token.children or [])]
        ]
        # The content of a block with children repeats their text with escapes.
        return [
            f"{part.type} {part.tag} {part.attrs} {part.content if not part.children else ''}"
            for part in blocks
        ]
    if name.endswith("base.html"):
        return render_page(text).parts
    return [text]


@cache
def render_macro(name: str, answer: str) -> str:
    """Return what the macro of a file in templates/ makes of an answer."""
    templates = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=False)  # noqa: S701  # no page
    source = f'{{% from "{name}.jinja" import {name} %}}{{{{ {name}(answer) }}}}'
    return templates.from_string(source).render(answer=answer)


def fill_placeholders(text: str, answers: Mapping[str, str]) -> str:
    """Return a text with answers in the place of their placeholders."""
    values = {placeholder: answers[name] for name, placeholder in PLACEHOLDERS.items()}
    for macro, name in {"port": "project_slug", "registry": "image_repository"}.items():
        values[render_macro(macro, PLACEHOLDERS[name])] = render_macro(macro, answers[name])
    return re.sub("|".join(map(re.escape, values)), lambda match: values[match.group()], text)
