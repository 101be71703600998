"""Address of the client, as the app sees it."""

import pytest
from flask import request

from {{ cookiecutter.package_name }} import create_app


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:5678", "192.0.2.7"),
        ("[2001:db8::7]:5678", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::7%<script>", "fe80::7"),
        ("198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("<script>", "127.0.0.1"),
        ("192.0.2.7:", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_a_client_behind_a_proxy_has_an_address(environ, forwarded, address):
    app = create_app(environ | {"PROXY_HOPS": "1"})
    app.get("/address")(lambda: request.remote_addr)

    response = app.test_client().get("/address", headers={"X-Forwarded-For": forwarded})
    assert response.text == address
