"""Hold the answers that the hook must accept, and those it must refuse with what it says."""

from __future__ import annotations

import pytest

AWKWARD_NAMES = [
    pytest.param("Café Crème", id="accents"),
    pytest.param("عداد الزوار", id="arabic"),
    pytest.param("访客计数器", id="chinese"),
    pytest.param("\U0001f680\U0001f469\u200d\U0001f4bb", id="only emoji"),
    pytest.param('Ünïcode & "Sons" \\ #1', id="quotes and a backslash"),
    pytest.param("x" * 300, id="three hundred letters"),
    pytest.param("long name " * 30, id="three hundred characters of words"),
    pytest.param("a" * 39 + " b", id="a space where the slug is cut"),
    pytest.param("7" * 300, id="three hundred digits"),
    pytest.param("7" * 38 + " b", id="digits to the cut of the package"),
    pytest.param("3D Printers", id="a digit first"),
    pytest.param("2048", id="only digits"),
    pytest.param("class", id="a keyword"),
    pytest.param("json", id="a module of Python"),
    pytest.param("Flask", id="a dependency"),
    pytest.param("tests", id="a folder of the project"),
    pytest.param("AUX", id="a Windows device"),
    pytest.param("-x-", id="hyphens around"),
    pytest.param("___", id="only underscores"),
    pytest.param("...", id="only dots"),
    pytest.param("../../etc/passwd", id="a path"),
    pytest.param("", id="empty"),
    pytest.param("&#55296; &amp; &#99;", id="character references"),
    pytest.param("it's $(date) `id` %s", id="shell syntax"),
]

ACCEPTED = [
    pytest.param("project_name", 'Bob\'s "Shop" & <Sons> \\ #1', id="punctuation in a name"),
    pytest.param("project_name", "عداد الزوار", id="letters written from right to left"),
    pytest.param(
        "project_name",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        id="a joiner that Persian needs",
    ),
    pytest.param("description", "Ship it \U0001f469\u200d\U0001f4bb \u2764\ufe0f", id="emoji"),
    pytest.param("description", "x" * 300, id="the longest description"),
    pytest.param("project_slug", "3d-printers", id="a digit first"),
    pytest.param("project_slug", "a" * 40, id="the longest slug"),
    pytest.param("package_name", "app", id="a package called app"),
    pytest.param("package_name", "a" * 40, id="the longest package"),
    pytest.param("author_email", "ann.o'hara+git@mail.example.co.uk", id="tag and subdomain"),
    pytest.param("image_repository", "shop", id="no registry"),
    pytest.param("image_repository", "acme/shop__web/a.b", id="every separator"),
    pytest.param("image_repository", "localhost:5000/shop", id="a local registry"),
    pytest.param("image_repository", "registry:5000/acme/shop", id="a registry with a port"),
    pytest.param("license", "none", id="no license"),
    pytest.param("python_version", "3.13", id="the older python"),
]

ONE_LINE = "one line without control or invisible characters"
REFUSED = [
    pytest.param("project_name", "", "other than white space", id="empty"),
    pytest.param("author_name", " \t ", "other than white space", id="blank"),
    pytest.param("description", "padded ", "no white space at its ends", id="trailing space"),
    pytest.param("description", "\u00a0padded", "no white space at its ends", id="no-break space"),
    pytest.param("description", "one\ntwo", ONE_LINE, id="line feed"),
    pytest.param("description", "one\u2028two", ONE_LINE, id="line separator"),
    pytest.param("description", "one\u2029two", ONE_LINE, id="paragraph separator"),
    pytest.param("description", "one\x85two", ONE_LINE, id="next line"),
    pytest.param("project_name", "nul\x00l", ONE_LINE, id="NUL"),
    pytest.param("project_name", "bell\x07", ONE_LINE, id="bell"),
    pytest.param("project_name", "del\x7f", ONE_LINE, id="DEL"),
    pytest.param("project_name", "safe\u202etxt.exe", ONE_LINE, id="right-to-left override"),
    pytest.param("project_name", "a\u2066b\u2069", ONE_LINE, id="bidi isolate"),
    pytest.param("author_name", "zero\u200bwidth", ONE_LINE, id="zero-width space"),
    pytest.param("author_name", "half \ud83d", ONE_LINE, id="lone surrogate"),
    pytest.param("project_name", "x" * 101, "at most 100", id="long name"),
    pytest.param("description", "x" * 301, "at most 300", id="long description"),
    pytest.param("author_name", "x" * 101, "at most 100", id="long author"),
    pytest.param("project_slug", "", "lower-case letters", id="empty slug"),
    pytest.param("project_slug", "../escape", "lower-case letters", id="path as slug"),
    pytest.param("project_slug", "Shop", "lower-case letters", id="capital in a slug"),
    pytest.param("project_slug", "-shop-", "lower-case letters", id="hyphens around a slug"),
    pytest.param("project_slug", "shop_api", "lower-case letters", id="underscore in a slug"),
    pytest.param("project_slug", "shop\n", "lower-case letters", id="line feed after a slug"),
    pytest.param("project_slug", "a" * 41, "at most 40", id="long slug"),
    pytest.param("project_slug", "2048", "not only digits", id="number as slug"),
    pytest.param("project_slug", "com1", "Windows device", id="device as slug"),
    pytest.param("package_name", "3d", "a letter, then", id="digit first in a package"),
    pytest.param("package_name", "_shop", "a letter, then", id="underscore first"),
    pytest.param("package_name", "__init__", "a letter, then", id="dunder"),
    pytest.param("package_name", "my-shop", "a letter, then", id="hyphen in a package"),
    pytest.param("package_name", "naïve", "a letter, then", id="accent in a package"),
    pytest.param("package_name", "a" * 41, "at most 40", id="long package"),
    *(
        pytest.param("package_name", name, "has already", id=f"package called {name}")
        for name in (
            *("class", "match", "type", "lazy", "json", "test", "distutils", "cgi", "profiling"),
            *("compression", "flask", "prometheus_client", "tests", "config", "visits", "aux"),
        )
    ),
    pytest.param("author_email", "nobody", "an address", id="no at sign"),
    pytest.param("author_email", "a@b@example.com", "an address", id="two at signs"),
    pytest.param("author_email", "Ann <ann@example.com>", "an address", id="display name"),
    pytest.param("author_email", "ann@localhost", "an address", id="no dot in the domain"),
    pytest.param("author_email", "ann@-example.com", "an address", id="hyphen first in a domain"),
    pytest.param("author_email", "a..b@example.com", "an address", id="two dots"),
    pytest.param("author_email", "ann@\u212aexample.com", "an address", id="Kelvin sign"),
    pytest.param("author_email", f"{'a' * 65}@example.com", "an address", id="long local part"),
    pytest.param("author_email", f"a@{'b.' * 130}com", "at most 254", id="long address"),
    pytest.param("image_repository", "https://ghcr.io/a/b", "without https://", id="scheme"),
    pytest.param("image_repository", "ghcr.io/a/b:latest", "without https://", id="tag"),
    pytest.param("image_repository", f"a/b@sha256:{'0' * 64}", "without https://", id="digest"),
    pytest.param("image_repository", "ghcr.io/Acme/shop", "in lower case", id="capital in a path"),
    pytest.param("image_repository", "Acme/shop", "in lower case", id="capital in an owner"),
    pytest.param("image_repository", "ghcr.io//shop", "in lower case", id="empty path component"),
    pytest.param("image_repository", "ghcr.io/a/b/", "in lower case", id="trailing slash"),
    pytest.param("image_repository", "a" * 256, "at most 255", id="long image"),
    pytest.param("license", "GPL-3.0", "one of MIT", id="license not offered"),
    pytest.param("license", "mit", "one of MIT", id="license in lower case"),
    pytest.param("python_version", "2.7", "one of 3.14", id="python not offered"),
    *(
        pytest.param(answer, value, "a text in quotes", id=f"{answer} is {value!r}")
        for answer in ("project_name", "package_name", "license")
        for value in (None, True, 3.14, ["MIT"], {"a": 1})
    ),
]
