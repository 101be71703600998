"""The page that counts its visitors."""

from flask import Blueprint, Response, jsonify, render_template, request

from ..runtime.web.errors import prefers_html
from .counter import get_counter

blueprint = Blueprint("visits", __name__, template_folder="templates")


@blueprint.get("/")
def welcome() -> Response:
    """Count the visit and welcome the visitor; HEAD counts nothing (RFC 9110, section 9.2.1)."""
    counter = get_counter()
    number = counter.read() if request.method == "HEAD" else counter.increment()
    if prefers_html():
        response = Response(render_template("visits/welcome.html", number=number))
    else:
        response = jsonify(message=f"Welcome, visitor {number}!", visits=number)
    response.headers["Vary"] = "Accept"
    return response
