"""What probes and people ask an instance: is it alive, is it ready, which version is it."""

from flask import Blueprint, Flask, current_app
from redis import RedisError

from .errors import log_redis_error
from .redis import get_redis
from .settings import Settings
from .version import COMMIT, NAME, PYTHON

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def live() -> dict[str, str]:
    """Answer that the process serves; it asks nothing else, so an outage of Redis restarts nobody."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, str], int]:
    """Answer whether requests can be served now: 200, or 503 while Redis does not answer in time."""
    try:
        get_redis().ping()
    except RedisError as error:
        log_redis_error(error)
        return {"status": "not ready", "redis": "unavailable"}, 503
    return {"status": "ready", "redis": "available"}, 200


@blueprint.get("/version")
def version() -> dict[str, str]:
    """Answer which service, commit and release runs, on which Python."""
    settings: Settings = current_app.extensions["settings"]
    return {"name": NAME, "commit": COMMIT, "release": settings.release, "python": PYTHON}


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the routes."""
    app.register_blueprint(blueprint)
