"""The factory: what it configures in each app."""

from flask import session

from {{ cookiecutter.package_name }} import create_app


def test_apps_do_not_share_their_configuration(environ):
    one, two = create_app(environ), create_app(environ | {"RELEASE": "v2"})

    assert one.test_client().get("/version").json["release"] == "unreleased"
    assert two.test_client().get("/version").json["release"] == "v2"


def test_a_session_cookie_is_sent_over_https_to_the_same_site_only(app, client):
    app.get("/sign-in")(lambda: session.setdefault("name", "Ada"))

    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_headers_that_a_view_sets_are_kept(app, client):
    own = {"Cache-Control": "max-age=60", "x-frame-options": "SAMEORIGIN"}
    app.get("/own")(lambda: ("own", own))

    headers = client.get("/own").headers
    assert headers.getlist("Cache-Control") == ["max-age=60"]
    assert headers.getlist("X-Frame-Options") == ["SAMEORIGIN"]
    assert headers["X-Content-Type-Options"] == "nosniff"
