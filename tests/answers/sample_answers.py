"""Answers that the hook accepts, and answers that it refuses with a problem."""

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

INVISIBLE = "contains a control or invisible character"
PADDED = "starts or ends with white space"
NO_SLUG = "is not a DNS label (a-z, 0-9, hyphens)"
NO_PACKAGE = "is not a module name (a-z, 0-9, underscores)"
TAKEN = "is reserved (Python, a dependency or a folder)"
NO_ADDRESS = "is not an address such as team@example.com"
NO_IMAGE = "is not a lower-case registry/path without a tag"
REFUSED = [
    pytest.param("project_name", "", "is blank", id="empty"),
    pytest.param("author_name", " \t ", "is blank", id="blank"),
    pytest.param("author_name", "\u200d", "is blank", id="only a joiner"),
    pytest.param("author_name", "\u3164", INVISIBLE, id="an invisible letter"),
    pytest.param("description", "padded ", PADDED, id="trailing space"),
    pytest.param("description", "\u00a0padded", PADDED, id="no-break space"),
    pytest.param("description", "one\ntwo", INVISIBLE, id="line feed"),
    pytest.param("description", "one\u2028two", INVISIBLE, id="line separator"),
    pytest.param("description", "one\u2029two", INVISIBLE, id="paragraph separator"),
    pytest.param("description", "one\x85two", INVISIBLE, id="next line"),
    pytest.param("project_name", "nul\x00l", INVISIBLE, id="NUL"),
    pytest.param("project_name", "bell\x07", INVISIBLE, id="bell"),
    pytest.param("project_name", "del\x7f", INVISIBLE, id="DEL"),
    pytest.param("project_name", "safe\u202etxt.exe", INVISIBLE, id="right-to-left override"),
    pytest.param("project_name", "a\u2066b\u2069", INVISIBLE, id="bidi isolate"),
    pytest.param("author_name", "zero\u200bwidth", INVISIBLE, id="zero-width space"),
    pytest.param("author_name", "half \ud83d", INVISIBLE, id="lone surrogate"),
    pytest.param("project_name", "x" * 101, "is longer than 100 characters", id="long name"),
    pytest.param("description", "x" * 301, "is longer than 300 characters", id="long description"),
    pytest.param("author_name", "x" * 101, "is longer than 100 characters", id="long author"),
    pytest.param("project_slug", "", NO_SLUG, id="empty slug"),
    pytest.param("project_slug", "../escape", NO_SLUG, id="path as slug"),
    pytest.param("project_slug", "Shop", NO_SLUG, id="capital in a slug"),
    pytest.param("project_slug", "-shop-", NO_SLUG, id="hyphens around a slug"),
    pytest.param("project_slug", "shop_api", NO_SLUG, id="underscore in a slug"),
    pytest.param("project_slug", "shop\n", NO_SLUG, id="line feed after a slug"),
    pytest.param("project_slug", "a" * 41, "is longer than 40 characters", id="long slug"),
    pytest.param("project_slug", "2048", "has only digits", id="number as slug"),
    pytest.param("project_slug", "com1", "is the name of a Windows device", id="device as slug"),
    pytest.param("package_name", "3d", NO_PACKAGE, id="digit first in a package"),
    pytest.param("package_name", "_shop", NO_PACKAGE, id="underscore first"),
    pytest.param("package_name", "__init__", NO_PACKAGE, id="dunder"),
    pytest.param("package_name", "my-shop", NO_PACKAGE, id="hyphen in a package"),
    pytest.param("package_name", "naïve", NO_PACKAGE, id="accent in a package"),
    pytest.param("package_name", "a" * 41, "is longer than 40 characters", id="long package"),
    *(
        pytest.param("package_name", name, TAKEN, id=f"package called {name}")
        for name in (
            *("class", "match", "type", "lazy", "json", "test", "distutils", "cgi", "profiling"),
            *("compression", "flask", "prometheus_client", "visits", "aux"),
            *("bin", "config", "deploy", "dev", "docs", "tests"),
        )
    ),
    pytest.param("author_email", "nobody", NO_ADDRESS, id="no at sign"),
    pytest.param("author_email", "a@b@example.com", NO_ADDRESS, id="two at signs"),
    pytest.param("author_email", "Ann <ann@example.com>", NO_ADDRESS, id="display name"),
    pytest.param("author_email", "ann@localhost", NO_ADDRESS, id="no dot in the domain"),
    pytest.param("author_email", "ann@-example.com", NO_ADDRESS, id="hyphen first in a domain"),
    pytest.param("author_email", "a..b@example.com", NO_ADDRESS, id="two dots"),
    pytest.param("author_email", "ann@\u212aexample.com", NO_ADDRESS, id="Kelvin sign"),
    pytest.param("author_email", f"{'a' * 65}@example.com", NO_ADDRESS, id="long local part"),
    pytest.param(
        "author_email", f"a@{'b.' * 130}com", "is longer than 254 characters", id="long address"
    ),
    pytest.param("image_repository", "https://ghcr.io/a/b", NO_IMAGE, id="scheme"),
    pytest.param("image_repository", "ghcr.io/a/b:latest", NO_IMAGE, id="tag"),
    pytest.param("image_repository", f"a/b@sha256:{'0' * 64}", NO_IMAGE, id="digest"),
    pytest.param("image_repository", "ghcr.io/Acme/shop", NO_IMAGE, id="capital in a path"),
    pytest.param("image_repository", "Acme/shop", NO_IMAGE, id="capital in an owner"),
    pytest.param("image_repository", "ghcr.io//shop", NO_IMAGE, id="empty path component"),
    pytest.param("image_repository", "ghcr.io/a/b/", NO_IMAGE, id="trailing slash"),
    pytest.param("image_repository", "a" * 256, "is longer than 255 characters", id="long image"),
    pytest.param(
        "license",
        "GPL-3.0",
        "is not one of MIT, Apache-2.0, BSD-3-Clause, none",
        id="license not offered",
    ),
    pytest.param(
        "license",
        "mit",
        "is not one of MIT, Apache-2.0, BSD-3-Clause, none",
        id="license in lower case",
    ),
    pytest.param("python_version", "2.7", "is not one of 3.14, 3.13", id="python not offered"),
    *(
        pytest.param(answer, value, "is not text", id=f"{answer} is {value!r}")
        for answer in ("project_name", "package_name", "license")
        for value in (None, True, 3.14, ["MIT"], {"a": 1})
    ),
]
