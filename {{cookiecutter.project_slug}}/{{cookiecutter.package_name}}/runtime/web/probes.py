"""Probes: is an instance alive, is it ready, which version does it run."""

from flask import Blueprint, Flask, current_app

from ..backing.registry import services
from ..lifecycle import lifecycle
from ..settings import get_settings
from ..version import COMMIT, NAME, PYTHON
from .errors import log_outage

blueprint = Blueprint("probes", __name__)


@blueprint.get("/livez")
def live() -> dict[str, str]:
    """Return 200 while the process serves; an outage of a backing service restarts no process."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready() -> tuple[dict[str, str], int]:
    """Return 200 if every backing service answers in time, else 503; always 503 while draining."""
    if lifecycle.draining:
        return {"status": "draining"}, 503
    states = {}
    for service in services(current_app):
        try:
            service.check()
        except service.errors as error:
            log_outage(service, error)
            states[service.name] = "unavailable"
        else:
            states[service.name] = "available"
    if "unavailable" in states.values():
        return {"status": "not ready", **states}, 503
    return {"status": "ready", **states}, 200


@blueprint.get("/version")
def version() -> dict[str, str]:
    """Return name, commit, release and Python of the running service."""
    release = get_settings().release
    return {"name": NAME, "commit": COMMIT, "release": release, "python": PYTHON}


def init_app(app: Flask) -> None:
    """Add the routes to the app."""
    app.register_blueprint(blueprint)
