"""Each defect of a rendered file is found, and text that resembles one is not."""

from __future__ import annotations

import pytest

from tests.support.defects import (
    INDEX,
    TOO_MANY_BLANK_LINES,
    find_jinja,
    find_syntax_errors,
    find_whitespace,
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("README.md", "{{ cookiecutter.project_name }}", id="an expression"),
        pytest.param("README.md", "{{- x -}}", id="an expression that trims"),
        pytest.param("README.md", "{{x}}", id="an expression without spaces"),
        pytest.param("README.md", "x -}}", id="the end of an expression"),
        pytest.param("a.yaml", "{% if x %}", id="a statement"),
        pytest.param("a.yaml", "{%- if x -%}", id="a statement that trims"),
        pytest.param("a.yaml", "{%+ if x +%}", id="a statement that keeps"),
        pytest.param("a.yaml", "{%if x%}", id="a statement without spaces"),
        pytest.param("a.yaml", "endif %}", id="the end of a statement"),
        pytest.param("a.yaml", "endif\n-%}", id="the end on a line of its own"),
        pytest.param("bin/x", "{# why #}", id="a comment"),
        pytest.param("bin/x", "{#- why -#}", id="a comment that trims"),
        pytest.param("a.py", "{{{ x }}}", id="three braces that no format string has"),
        pytest.param("a.toml", "{{{x}}}", id="a format string outside Python"),
        pytest.param("a.html", "<p>{{ Cookiecutter.x }}</p>", id="the word in a page"),
        pytest.param("a.env", "A=cookiecutter", id="the word"),
    ],
)
def test_a_trace_of_the_template_is_found(name: str, text: str) -> None:
    assert find_jinja(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("ci.yml", "${{ github.sha }} ${{x}}", id="GitHub Actions"),
        pytest.param("a.html", "{% block a %}{{- x }}{# y #}{% endblock %}", id="a Flask template"),
        pytest.param("bin/x", '"${x%%=*}" ${#x} ${x#-} ${x:-} ${x%}', id="a shell"),
        pytest.param("a.py", 'f"{a:.0%} {{{x}}}" {"a": {"b": 1}}', id="Python"),
        pytest.param("a.json", '{"a":{"b":{}}}', id="JSON"),
    ],
)
def test_text_that_resembles_a_trace_is_accepted(name: str, text: str) -> None:
    assert find_jinja(name, text) == []


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        pytest.param("a\r\n", "carriage return", id="CRLF"),
        pytest.param("\ufeffa\n", "byte order mark", id="byte order mark"),
        pytest.param("a\n\tb\n", "tab", id="tab"),
        pytest.param("a  \nb\n", "trailing whitespace", id="spaces"),
        pytest.param("a\u00a0\nb\n", "trailing whitespace", id="no-break space"),
        pytest.param("a\n\n\nb\n", TOO_MANY_BLANK_LINES, id="two blank lines"),
        pytest.param("a\n\n", "blank line at the end", id="two line feeds"),
        pytest.param("a", "no line feed at the end", id="no line feed"),
    ],
)
def test_a_whitespace_defect_is_found(text: str, defect: str) -> None:
    assert find_whitespace("a.md", text) == [defect]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        pytest.param("a.md", "a\n\nb\n", [], id="one blank line"),
        pytest.param("a.py", "a\n\n\nb\n", [], id="two blank lines in Python"),
        pytest.param(
            "a.py", "a\n\n\n\nb\n", [TOO_MANY_BLANK_LINES], id="three blank lines in Python"
        ),
    ],
)
def test_only_python_has_two_blank_lines(name: str, text: str, found: list[str]) -> None:
    assert find_whitespace(name, text) == found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.py", "def", id="Python"),
        pytest.param("a.toml", "a = ", id="TOML"),
        pytest.param("a.yml", "a: [", id="YAML"),
        pytest.param("a.json", "{,}", id="JSON"),
        pytest.param("a.html", "<p><b></p></b>", id="HTML in the wrong order"),
        pytest.param("a.html", "<p>", id="HTML that does not end"),
        pytest.param("a.css", "a { b: c", id="CSS"),
        pytest.param("a.env.example", "A = 1", id="a sample"),
        pytest.param("bin/x", "#!/bin/sh\nif", id="a shell script"),
        pytest.param("bin/x", "echo", id="a script without an interpreter"),
        pytest.param("requirements.txt", "flask==3.1.3", id="a lock without hashes"),
        pytest.param("requirements.txt", f"a>=1 --hash=sha256:{'0' * 64}", id="a range"),
        pytest.param("requirements.txt", "# nothing", id="an empty lock"),
        pytest.param("requirements.in", "flask @ https://example.com/flask.whl", id="an address"),
        pytest.param("a.unknown", "", id="a kind of file without a parser"),
    ],
)
def test_a_malformed_file_is_found(name: str, text: str) -> None:
    assert find_syntax_errors(name, text)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https:§pypi.org/simple", True),
        ("https:§user:secret@packages.example.com/api/pypi/all", True),
        ("file:§/srv/simple/flask", True),
        ("https:§files.pythonhosted.org/packages/a.whl", True),
        ("https:§pypi.org/project/flask/", False),
        ("https:§example.com/simple-things", False),
    ],
)
def test_the_address_of_a_package_index_is_recognised(address: str, found: bool) -> None:
    assert bool(INDEX.search(address.replace("§", "//"))) is found
