"""Errors as responses: a page for a browser, application/problem+json (RFC 9457) otherwise."""

import json
import logging
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, ServiceUnavailable

from ..backing.registry import BackingService, failed_service

PROBLEM = "application/problem+json"
DEFECT = "The service failed; its log has the reason under the request id."
log = logging.getLogger(__name__)


def prefers_html() -> bool:
    """Return True if the client prefers a page to JSON; without a preference it gets JSON."""
    if "text/" not in request.environ.get("HTTP_ACCEPT", "").lower():
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def has_page() -> bool:
    """Return True if the app has a page for errors; a service without pages answers in JSON."""
    return Path(current_app.root_path, "templates/error.html").is_file()


def describe(error: HTTPException, request_id: str) -> dict[str, Any]:
    """Return the fields of a problem."""
    return {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": error.description,
        "request_id": request_id,
    }


def http_error(error: HTTPException) -> Response:
    """Return the response to an HTTP error, with its headers such as Allow and Retry-After."""
    response = Response(status=error.code, headers=error.get_response().headers)
    problem = describe(error, request.environ["service.context"]["request_id"])
    if prefers_html() and has_page():
        response.set_data(render_template("error.html", problem=problem))
        response.content_type = "text/html; charset=utf-8"
    else:
        response.set_data(json.dumps(problem) + "\n")
        response.content_type = PROBLEM
    response.vary.add("Accept")
    return response


def log_outage(service: BackingService, error: Exception) -> None:
    """Log the error of a backing service: an outage, or a refusal."""
    log.warning(
        f"{service.name} {service.describe(error)}",  # noqa: G004  # constants of the app
        extra={"exception.type": type(error).__name__, "exception.message": str(error)},
    )


def unhandled_error(error: Exception) -> Response:
    """Return 503 for a backing service, 400 for a malformed body, and 500 without details otherwise."""
    if service := failed_service(current_app, error):
        log_outage(service, error)
        return http_error(ServiceUnavailable("A backing service is unavailable.", retry_after=1))
    if isinstance(error, ParseException):
        return http_error(BadRequest("The body of the request is malformed."))
    log.error("unhandled exception", exc_info=error)
    return http_error(InternalServerError(DEFECT))


def init_app(app: Flask) -> None:
    """Handle every error of the app."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unhandled_error)
