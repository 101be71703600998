"""The page that counts its visitors."""

from flask import Blueprint, Response, current_app, jsonify, render_template

from ..runtime.errors import prefers_html
from ..runtime.redis import get_redis
from . import counter

blueprint = Blueprint("visits", __name__, template_folder="templates")


@blueprint.get("/")
def welcome() -> Response:
    """Count the visit and welcome the visitor: with a page in a browser, with JSON otherwise."""
    number = counter.count(get_redis(), current_app.extensions["settings"].key_prefix)
    if prefers_html():
        response = Response(render_template("visits/welcome.html", number=number))
    else:
        response = jsonify(message=f"Welcome, visitor {number}!", visits=number)
    response.headers["Vary"] = "Accept"
    return response
