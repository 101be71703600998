"""Every error as an answer: a page for a browser, application/problem+json (RFC 9457) otherwise."""

import json
import logging

from flask import Flask, Response, render_template, request
from redis import RedisError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from .settings import Settings

log = logging.getLogger(__name__)


def prefers_html() -> bool:
    """Tell whether the client would rather have a page than JSON; without a preference it gets JSON."""
    if "text/" not in request.environ.get("HTTP_ACCEPT", "").lower():
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def http_error(error: HTTPException) -> Response:
    """Answer with an HTTP error, keeping headers such as Allow and Retry-After."""
    response = Response(status=error.code, headers=error.get_response().headers)
    problem = {
        "type": "about:blank",
        "title": error.name,
        "status": error.code,
        "detail": error.description,
        "request_id": request.environ["service.context"]["request_id"],
    }
    if prefers_html():
        response.set_data(render_template("error.html", problem=problem))
        response.content_type = "text/html; charset=utf-8"
    else:
        response.set_data(json.dumps(problem) + "\n")
        response.content_type = "application/problem+json"
    response.vary.add("Accept")
    return response


def log_redis_error(error: RedisError) -> None:
    """Log why Redis is no help now."""
    log.warning(
        "redis unavailable",
        extra={"exception.type": type(error).__name__, "exception.message": str(error)},
    )


def redis_error(error: RedisError) -> Response:
    """Answer 503 when Redis is not there or refuses the command."""
    log_redis_error(error)
    return http_error(ServiceUnavailable("A backing service is unavailable.", retry_after=1))


def unexpected_error(error: Exception) -> Response:
    """Log an error that nothing else handles, and answer 500 without its details."""
    log.error("unhandled exception", exc_info=error)
    return http_error(
        InternalServerError("The service failed; the log has the reason under the request id.")
    )


def init_app(app: Flask, settings: Settings) -> None:
    """Handle every error of the app."""
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(RedisError, redis_error)
    app.register_error_handler(Exception, unexpected_error)
