"""Any text of an answer is the same text in the README, the page and the license."""

from __future__ import annotations

import re

import pytest

from tests.support.baking import BakedProject
from tests.support.fixtures import Bake
from tests.support.rendered_text import extract_paragraphs, read_page

TEXTS = [
    pytest.param('Ünïcode & "Sons" \\ #1', id="quotes and a backslash"),
    pytest.param("<b>Bold</b> & 'q'", id="tags"),
    pytest.param("</title><script>alert(1)</script>", id="the end of the title"),
    pytest.param("<!-- out --> <https://example.com> <?x?>", id="a comment and an address"),
    pytest.param("back\\slash \\* \\\\ end\\", id="backslashes"),
    pytest.param("{ brace } % {a} }} %} #}", id="braces"),
    pytest.param("\U0001f469\u200d\U0001f4bb \u2764\ufe0f", id="emoji with a joiner"),
    pytest.param("عداد الزوار", id="arabic"),
    pytest.param("# heading", id="a heading"),
    pytest.param("C #", id="a closing sequence"),
    pytest.param("#1 ## #", id="number signs"),
    pytest.param("1. list", id="a numbered list"),
    pytest.param("2024) list", id="a list with a parenthesis"),
    pytest.param("- dash", id="a list"),
    pytest.param("+ plus", id="a list with plus signs"),
    pytest.param("> quote", id="a quotation"),
    pytest.param("---", id="a rule"),
    pytest.param("===", id="an underline"),
    pytest.param("~~~ fence ~~x~~", id="a fence of tildes"),
    pytest.param("``` fence", id="a fence"),
    pytest.param("*stars* _under_ `code` [x](y)", id="emphasis, code and a link"),
    pytest.param("snake_case_name __init__ _a", id="underscores"),
    pytest.param("[x]: https://example.com", id="the definition of a link"),
    pytest.param("![image](x) [ ] [x]", id="an image and tasks"),
    pytest.param("| a | b |", id="a table"),
    pytest.param("&amp; &#65; &#x42; &copy &copy;", id="character references"),
    pytest.param("a < b <c a<b x > y", id="comparisons"),
    pytest.param("two  spaces\u00a0and a fixed one", id="spaces"),
    pytest.param("$HOME $(id) `id` %s ${x}", id="shell syntax"),
    pytest.param("'''\"\"\"", id="the quotes of Python"),
]


NAMES = {"project_slug": "shop", "package_name": "shop"}


@pytest.fixture(params=TEXTS)
def text(request: pytest.FixtureRequest) -> str:
    """Return an awkward text."""
    return str(request.param)


@pytest.fixture
def project(text: str, bake: Bake) -> BakedProject:
    """Return the project with an awkward text in each answer that accepts any text."""
    return bake(**NAMES, project_name=text, description=text, author_name=text)


def test_the_readme_contains_the_text(text: str, project: BakedProject) -> None:
    blocks = extract_paragraphs(project.read("README.md"))
    byline = f"Maintained by {text} ({project.answers['author_email']})."
    assert blocks[:3] == [("h1", text), ("p", text), ("p", byline)]


def test_the_page_contains_the_text_and_no_other_tags(
    text: str, project: BakedProject, bake: Bake
) -> None:
    page = read_page(project)
    assert (page.title, page.description) == (text, text)
    assert page.tags == read_page(bake()).tags


def test_the_license_names_the_author_as_given(text: str, project: BakedProject) -> None:
    assert f"Copyright (c) {text}\n" in project.read("LICENSE")


def test_braces_in_an_answer_start_no_expression_in_the_page(bake: Bake) -> None:
    text = "{{ 7 * 7 }} {% x %} {# y #}"
    given = re.sub(r"\{(?=[{%#])", '{{ "{" }}', text)
    page = read_page(bake(**NAMES, project_name=given, description=given))
    assert (page.title, page.description) == (text, text)


@pytest.mark.parametrize("email", ["__ann__@example.com", "o'hara+a_b_c@example.com"])
def test_the_readme_contains_the_address(email: str, bake: Bake) -> None:
    blocks = extract_paragraphs(bake(author_email=email).read("README.md"))
    assert ("p", f"Maintained by Platform Team ({email}).") in blocks
