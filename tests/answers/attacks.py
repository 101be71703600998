"""Texts that broke generators or ran code in them, and the answers that accept each text.

The commands in them create the file `~/pwned`. All other answers refuse the text.
"""

from __future__ import annotations

from typing import NamedTuple

PROSE = ("project_name", "description", "author_name")
NAMES = (*PROSE, "project_slug", "image_repository")
NO_ANSWER = ()

RUN = "touch ~/pwned"
OS = f'__import__("os").system("{RUN}")'


class Attack(NamedTuple):
    """Text and the answers that accept it."""

    id: str
    text: str
    accepted: tuple[str, ...]


ATTACKS = [
    Attack("a single quote", "'", PROSE),
    Attack("a double quote", '"', PROSE),
    Attack("a backtick", "`", PROSE),
    Attack("three of each quote", "'''\"\"\"```", PROSE),
    Attack("typographic quotes", "“Tom’s” «shop» ‚now‘", PROSE),
    Attack("a quote that closes and opens", "'; x = '", PROSE),
    Attack("a backslash", "\\", PROSE),
    Attack("a backslash at the end", "shop\\", PROSE),
    Attack("escapes of a language", "\\n \\x41 \\u0041 \\N{DIGIT ONE} \\0", PROSE),
    Attack("a line feed", "one\ntwo", NO_ANSWER),
    Attack("a line feed at the end", "shop\n", NO_ANSWER),
    Attack("a carriage return", "one\r\ntwo", NO_ANSWER),
    Attack("a line separator", "one\u2028two", NO_ANSWER),
    Attack("a next line", "one\x85two", NO_ANSWER),
    Attack("a form feed", "one\x0ctwo", NO_ANSWER),
    Attack("a tab", "one\ttwo", NO_ANSWER),
    Attack("NUL", "one\x00two", NO_ANSWER),
    Attack("an escape sequence", "\x1b]0;pwned\x07\x1b[2J", NO_ANSWER),
    Attack("a byte outside UTF-8", "shop \udcff", NO_ANSWER),
    Attack("empty", "", NO_ANSWER),
    Attack("spaces", "   ", NO_ANSWER),
    Attack("an expression", "{{ 7*7 }}", PROSE),
    Attack("a statement", "{% if x %}", PROSE),
    Attack("a raw block", "{% raw %}{{ x", PROSE),
    Attack("a comment", "{# gone #}", PROSE),
    Attack("the start of an expression", "{{", PROSE),
    Attack("the end of an expression", "}}", PROSE),
    Attack("braces within braces", "{{{{ 7*7 }}}}", PROSE),
    Attack(
        "an expression that runs",
        f"{{{{ cycler.__init__.__globals__.os.system('{RUN}') }}}}",
        PROSE,
    ),
    Attack(
        "another expression that runs",
        f"{{{{ lipsum.__globals__.os.popen('{RUN}').read() }}}}",
        PROSE,
    ),
    Attack(
        "an expression that runs from a text",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        PROSE,
    ),
    Attack(
        "an expression that changes answers", "{{ cookiecutter.update(project_slug='..') }}", PROSE
    ),
    Attack("a statement that clears the answers", "{% set _ = cookiecutter.clear() %}", PROSE),
    Attack("a macro named like the guard", "{% macro guard(source, name, filename) %}", PROSE),
    Attack("a statement that changes the guard", "{% set _ = guard._environment %}", PROSE),
    Attack("a reference to a later answer", "{{ cookiecutter.image_repository }}", PROSE),
    Attack("a reference to no answer", "{{ cookiecutter.pop }}", PROSE),
    Attack("a reference with a filter", "{{ cookiecutter.project_name | list }}", PROSE),
    Attack("a reference and more", "{{ cookiecutter.project_name.__class__ }}", PROSE),
    Attack("Python in a hook", f'"""+{OS}+"""', PROSE),
    Attack("Python in a text", f"{{{OS}}}", PROSE),
    Attack("a command", f"$({RUN})", PROSE),
    Attack("a command in backticks", f"`{RUN}`", PROSE),
    Attack("a second command", f"; {RUN} #", PROSE),
    Attack("a command that is quoted", f"' \" ; {RUN} ; \" '", PROSE),
    Attack("variables", "$HOME ${HOME} %PATH% !! %s %(x)s", PROSE),
    Attack("YAML that runs", f"!!python/object/apply:os.system ['{RUN}']", PROSE),
    Attack("a mapping and an alias", "a: &x *x # no", PROSE),
    Attack("a script in a page", "</title></textarea><script>alert(1)</script>", PROSE),
    Attack("a link that runs", "[x](javascript:alert(1)) <img src=x onerror=alert(1)>", PROSE),
    Attack("all markup of Markdown", "*a* _b_ `c` ~~d~~ [e](f) | g | <h> &amp;", PROSE),
    Attack("a folder up", "../x", PROSE),
    Attack("a folder and up", "x/..", PROSE),
    Attack("the working folder", ".", PROSE),
    Attack("the parent folder", "..", PROSE),
    Attack("an absolute path", "/etc/passwd", PROSE),
    Attack("a path", "a/b", (*PROSE, "image_repository")),
    Attack("home", "~", PROSE),
    Attack("a Windows path", "C:\\x\\..\\y", PROSE),
    Attack("a share", "\\\\server\\share", PROSE),
    Attack("an address", "file:///etc/passwd", PROSE),
    Attack("a hyphen", "-", PROSE),
    Attack("an option", "--help", PROSE),
    Attack("an option with a value", "-o/tmp", PROSE),
    Attack("a repository", ".git", PROSE),
    Attack("a file of git", ".git/config", PROSE),
    Attack("a Windows device", "con", (*PROSE, "image_repository")),
    Attack("a device with an ending", "NUL.txt", PROSE),
    Attack("a port", "COM1", PROSE),
    Attack("a twin in capitals", "Shop", PROSE),
    Attack("a twin of a folder", "TESTS", PROSE),
    Attack("three hundred letters", "x" * 300, ("description",)),
    Attack("three hundred wide letters", "\U0001f680" * 300, ("description",)),
    Attack("three hundred ways up", "../" * 100, ("description",)),
    Attack("three hundred expressions", "{{ x }}" * 42, ("description",)),
    Attack("a right-to-left override", "gpj\u202egnp.exe", NO_ANSWER),
    Attack("an isolate", "a\u2066b\u2069", NO_ANSWER),
    Attack("a zero-width space", "shop\u200b", NO_ANSWER),
    Attack("a byte order mark", "\ufeffshop", NO_ANSWER),
    Attack("a soft hyphen", "sh\u00adop", NO_ANSWER),
    Attack("a tag character", "shop\U000e0041", NO_ANSWER),
    Attack("only a joiner", "\u200d", NO_ANSWER),
    Attack("a joiner that scripts need", "\u0645\u06cc\u200c\u062e\u0648", PROSE),
    Attack("letters that look alike", "ѕһор", PROSE),
    Attack("a keyword", "class", NAMES),
    Attack("a soft keyword", "match", NAMES),
    Attack("a constant of YAML", "null", (*NAMES, "package_name")),
    Attack("a module of Python", "json", NAMES),
    Attack("a module of Python that matters", "os", NAMES),
    Attack("a dependency", "flask", NAMES),
    Attack("a dependency of two words", "prometheus_client", (*PROSE, "image_repository")),
    Attack("a folder of the project", "tests", NAMES),
    Attack("a module by its file", "__init__", PROSE),
    Attack("a number", "2048", (*PROSE, "image_repository")),
    Attack("a fraction", "1e3", NAMES),
    Attack("an address of two people", "ann@example.com,bob@example.com", PROSE),
    Attack("an address with a command", f"$({RUN})@example.com", PROSE),
    Attack("an address with a header", "ann@example.com\nBcc: bob@example.com", NO_ANSWER),
    Attack("an address with a quote", "o'hara@example.com", (*PROSE, "author_email")),
    Attack("an image with a tag", "ghcr.io/acme/shop:latest", PROSE),
    Attack("an image of this machine", "localhost:5000/shop", (*PROSE, "image_repository")),
]
