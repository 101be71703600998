"""Routes of every service, errors, request ids and security headers."""

import re

import pytest
from flask import request

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
# OWASP REST Security Cheat Sheet, for each response and for pages
EVERY_RESPONSE = {"Cache-Control", "Content-Security-Policy", "X-Content-Type-Options"}
PAGE_ONLY = {
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
}


def test_the_version_has_exactly_its_fields(client):
    assert set(client.get("/version").json) == {"name", "commit", "release", "python"}


def test_the_metrics_are_in_the_format_of_prometheus(client):
    response = client.get("/metrics")

    assert response.mimetype == "text/plain"
    assert "# TYPE http_server_request_duration_seconds histogram" in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/version", 405), ("TRACE", "/version", 405)],
)
def test_an_error_is_a_problem_with_the_request_id(client, method, path, status):
    response = client.open(path, method=method, headers={"X-Request-ID": "r-1"})

    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert (response.json["status"], response.json["request_id"]) == (status, "r-1")


def test_a_browser_gets_a_problem_from_a_service_without_pages(app, client, monkeypatch, tmp_path):
    monkeypatch.setattr(app, "root_path", tmp_path)

    assert client.get("/nowhere", headers=BROWSER).mimetype == "application/problem+json"


def test_a_refusal_of_a_method_names_the_allowed_methods(client):
    assert client.post("/version").allow == {"GET", "HEAD", "OPTIONS"}


def test_an_unhandled_exception_shows_no_details(app):
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("hunter2")

    response = app.test_client().get("/broken")

    assert (response.status_code, response.json["title"]) == (500, "Internal Server Error")
    assert "hunter2" not in response.text


def test_a_body_over_the_limit_is_refused(app):
    @app.post("/echo")
    def echo() -> bytes:
        return request.get_data()

    assert app.test_client().post("/echo", data=b"x" * 65536).status_code == 200
    assert app.test_client().post("/echo", data=b"x" * 65537).status_code == 413


@pytest.mark.parametrize("given", ["abc-123", "0f8fad5b-d9cb-469f-a165-70867728950e"])
def test_a_valid_request_id_is_returned(client, given):
    assert client.get("/livez", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 129, "<script>"])
def test_a_missing_or_invalid_request_id_is_replaced(client, given):
    headers = {} if given is None else {"X-Request-ID": given}

    assert re.fullmatch(
        "[0-9a-f]{32}", client.get("/livez", headers=headers).headers["X-Request-ID"]
    )


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/version", "*/*"), ("/nowhere", "*/*"), ("/livez", "text/html"), ("/metrics", "text/html")],
)
def test_a_response_without_a_page_has_the_security_headers_of_every_response(client, path, accept):
    headers = client.get(path, headers={"Accept": accept}).headers

    assert set(headers.keys()) >= EVERY_RESPONSE
    assert not set(headers.keys()) & PAGE_ONLY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers
