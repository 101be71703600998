"""The factory: what the configuration changes in the app."""

import secrets

import pytest
from flask import Flask, request, request_tearing_down, session

from {{ cookiecutter.package_name }} import create_app
from {{ cookiecutter.package_name }}.runtime.settings import SettingsError

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/shop",
}


def test_no_app_is_made_from_a_bad_configuration():
    with pytest.raises(SettingsError, match="REDIS_URL"):
        create_app({})


def test_apps_do_not_share_their_configuration(environ):
    one, two = create_app(environ), create_app(environ | {"RELEASE": "v2"})

    assert one.test_client().get("/version").json["release"] == "unreleased"
    assert two.test_client().get("/version").json["release"] == "v2"


@pytest.mark.parametrize(
    ("hops", "seen"),
    [
        ("0", ("127.0.0.1", "http", "")),
        ("1", ("198.51.100.7", "https", "/shop")),
        ("2", ("203.0.113.9", "http", "")),
    ],
)
def test_only_the_given_number_of_proxies_is_trusted(environ, hops, seen):
    app = create_app(environ | {"PROXY_HOPS": hops})

    @app.get("/seen")
    def show() -> list[str | None]:
        return [request.remote_addr, request.scheme, request.script_root]

    assert tuple(app.test_client().get("/seen", headers=FORWARDED).json) == seen


def test_links_keep_the_prefix_of_a_proxy(environ, redis):
    client = create_app(environ | {"PROXY_HOPS": "1"}).test_client()

    page = client.get("/", headers=FORWARDED | {"Accept": "text/html"})
    assert 'href="/shop/static/style.css"' in page.text
    assert "Strict-Transport-Security" in page.headers


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("shop.example", "/version", 200),
        ("shop.example:8000", "/version", 200),
        ("evil.example", "/version", 400),
        ("evil.example", "/nowhere", 400),
        ("10.0.0.7:8000", "/livez", 200),
        ("10.0.0.7:8000", "/readyz", 200),
        ("10.0.0.7:8000", "/metrics", 200),
    ],
)
def test_only_trusted_hosts_are_answered_and_probes_always(environ, host, path, status):
    app = create_app(environ | {"TRUSTED_HOSTS": "shop.example"})

    assert app.test_client().get(path, headers={"Host": host}).status_code == status


def signing_in(environ: dict[str, str]) -> Flask:
    """Return an app that keeps a name in its session."""
    app = create_app(environ)

    @app.get("/in")
    def sign_in() -> str:
        session["name"] = "Ada"
        return "in"

    @app.get("/who")
    def name() -> str:
        return session.get("name", "nobody")

    return app


def who(app: Flask, cookie: str) -> str:
    """Return whom an app takes the bearer of a cookie for."""
    client = app.test_client(use_cookies=False)
    return client.get("/who", headers={"Cookie": cookie.partition(";")[0]}).text


def test_instances_accept_the_cookies_of_each_other_and_of_a_former_key(environ):
    cookie = signing_in(environ).test_client().get("/in").headers["Set-Cookie"]
    other = environ | {"SECRET_KEY": secrets.token_urlsafe(48)}
    rotated = other | {"SECRET_KEY_FALLBACKS": environ["SECRET_KEY"]}

    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert who(signing_in(environ), cookie) == "Ada"
    assert who(signing_in(rotated), cookie) == "Ada"
    assert who(signing_in(other), cookie) == "nobody"


def test_what_is_registered_is_called(app, client):
    called: list[str] = []
    app.get("/hooked")(lambda: "view")
    app.before_request(lambda: called.append("before"))
    app.teardown_request(lambda error: called.append("teardown"))
    with request_tearing_down.connected_to(lambda *_, **__: called.append("signal"), app):
        client.get("/hooked")

    assert called == ["before", "teardown", "signal"]


def test_headers_that_a_view_sets_are_kept(app, client):
    own = {"Cache-Control": "max-age=60", "x-frame-options": "SAMEORIGIN"}
    app.get("/own")(lambda: ("own", own))

    headers = client.get("/own").headers
    assert headers.getlist("Cache-Control") == ["max-age=60"]
    assert headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    assert headers["X-Content-Type-Options"] == "nosniff"
