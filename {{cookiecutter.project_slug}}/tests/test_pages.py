"""Pages of every service: their frame, errors, security headers and content security policy."""

from html.parser import HTMLParser

import pytest

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
VOID = {"meta", "link"}
# OWASP Secure Headers Project: for a page only
PAGE_ONLY = {
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
}


class Page(HTMLParser):
    """Elements of a page: their attributes and their text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data.strip()

    def select(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of the elements with a tag."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(client) -> Page:
    """Return an error page; its elements are closed in their order."""
    page = Page(client.get("/nowhere", headers=BROWSER).text)
    assert page.open == []
    return page


def test_a_page_is_a_complete_document(page):
    assert page.select("html") == [{"lang": "en"}]
    assert {"charset": "utf-8"} in page.select("meta")
    viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    assert viewport in page.select("meta")
    assert [len(page.select(tag)) for tag in ("title", "h1", "main")] == [1, 1, 1]


def test_an_error_page_names_the_service_and_leads_home(page):
    [home] = page.select("a")
    assert home == {"href": "/"}
    assert page.texts["h1"] == "Not Found"
    assert page.texts["title"] == f"Not Found · {page.texts['a']}"


def test_a_page_satisfies_its_own_content_security_policy(page, client):
    assert [link["href"] for link in page.select("link")] == ["data:,", "/static/style.css"]
    assert page.select("script") == page.select("style") == []
    assert not [attributes for _, attributes in page.elements if {"style", "src"} & set(attributes)]
    assert client.get("/static/style.css", buffered=True).mimetype == "text/css"


def test_a_browser_gets_an_error_page(client):
    response = client.get("/nowhere", headers=BROWSER | {"X-Request-ID": "r-1"})

    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert "Request r-1" in response.text


@pytest.mark.parametrize(
    ("path", "is_page", "cache"),
    [("/nowhere", True, "no-store"), ("/static/style.css", False, "no-cache")],
)
def test_a_page_alone_has_the_security_headers_of_pages(client, path, is_page, cache):
    headers = client.get(path, headers=BROWSER, buffered=True).headers

    assert set(headers.keys()) & PAGE_ONLY == (PAGE_ONLY if is_page else set())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert ("style-src" in headers["Content-Security-Policy"]) is is_page
    assert headers["Cache-Control"] == cache
