"""Texts that a team adds to a service: a dependency, a setting, a feature, a container."""

from __future__ import annotations

DEPENDENCY = "humanize==4.17.0"
LOCKED = """\
humanize==4.17.0 \\
    --hash=sha256:02d0899527760efe18011944f882df4970943b4cdff7b5a0ba7fed43a576ef98 \\
    --hash=sha256:1d6a36c453dbfbb3f0b34601d2e0b4ce5d48d780305cd45714843f0068fde6ac
    # via -r requirements.in
"""
# The package after the dependency of the team in the sorted lock
FOLLOWING = "itsdangerous=="
SETTING = '    party_at: int = setting({module}.count, "1000", "visit that is worth a party")\n'
SAMPLE = "\n# Visit that is worth a party. Default: 1000\nPARTY_AT=\n"
FEATURE = '''\
"""The visit that is worth a party."""

import humanize
from flask import Blueprint, Flask, Response, current_app, jsonify

from ..runtime.settings import Settings

blueprint = Blueprint("party", __name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Add the route of the feature to the app."""
    app.register_blueprint(blueprint)


@blueprint.get("/party")
def show() -> Response:
    """Say which visit is worth a party."""
    number = current_app.extensions["settings"].party_at
    return jsonify(party=f"at visit {humanize.intcomma(number)}")
'''
FEATURE_TEST = '''\
"""The visit that is worth a party."""

from {package_name} import create_app


def test_the_party_is_announced(environ):
    client = create_app(environ | {{"PARTY_AT": "1000"}}).test_client()

    assert client.get("/party").json == {{"party": "at visit 1,000"}}
'''
ON_CALL = "## On call\n\nCall the number on the wall.\n\n"
COMPOSE_SERVICE = """\
  mail:
    image: axllent/mailpit:v1.31.2@sha256:74d609a42ec279aa63c6b4622a6fa9b5408d1ad5b1d76a1c4be40a265ce0863d
"""
