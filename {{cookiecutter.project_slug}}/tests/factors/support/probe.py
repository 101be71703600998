"""Probe: routes and admin commands that the gate adds to the app, only in processes that it starts.

The image has no tests/, so it never has the probe.
"""

import logging
import os
import time

import click
from flask import Blueprint, Flask, render_template, request, session
from prometheus_client import Counter
from redis import Redis, RedisError

from {{ cookiecutter.package_name }}.runtime.backing import registry
from {{ cookiecutter.package_name }}.runtime.backing.connect import get_redis
from {{ cookiecutter.package_name }}.runtime.cli import AdminGroup, confirm
from {{ cookiecutter.package_name }}.runtime.settings import get_settings

COUNT, ONCE, SLOW = "/gate/count", "/gate/once", "/gate/slow"
BODY, PAGE = "/gate/body", "/gate/page"
SIGN_IN, SIGNED_IN = "/gate/sign-in", "/gate/signed-in"
SLOW_SECONDS = 4
# Variable with the URL of a second backing service.
SECOND_REDIS, SECOND_REDIS_SECONDS = "GATE_REDIS_URL", 0.5
blueprint = Blueprint("gate", __name__, template_folder="templates")
commands = AdminGroup("gate", help="Read or reset the count of the gate.")
log = logging.getLogger(__name__)
COUNTED = Counter("gate_counted_total", "Requests that the gate counted.")


def key() -> str:
    """Return the key of the count, which starts with the prefix of the service."""
    return f"{get_settings().key_prefix}gate"


@blueprint.get(COUNT)
def count() -> dict[str, int]:
    """Count the request, and return its number, which no other request gets."""
    COUNTED.inc()
    return {"count": get_redis().at_least_once.incr(key())}


@blueprint.get(ONCE)
def count_at_most_once() -> dict[str, int]:
    """Count the request at most once, and return its number."""
    return {"count": get_redis().incr(key())}


@blueprint.get(SLOW)
def slow() -> dict[str, int]:
    """Count the request, and return its number after SLOW_SECONDS."""
    counted = count()
    time.sleep(SLOW_SECONDS)
    return counted


@blueprint.post(BODY)
def measure_body() -> dict[str, int]:
    """Return the length of the body in bytes."""
    return {"bytes": len(request.get_data())}


@blueprint.get(PAGE)
def page() -> str:
    """Return the frame of every page, or a page of the gate where the service has none."""
    return render_template(["base.html", "gate/page.html"])


@blueprint.get(SIGN_IN)
def sign_in() -> str:
    """Keep a name in the cookie of the session."""
    session["name"] = "Ada"
    return "signed in"


@blueprint.get(SIGNED_IN)
def show_name() -> str:
    """Return the name that the cookie keeps."""
    return str(session.get("name", "nobody"))


@commands.command()
def show() -> None:
    """Print the count."""
    click.echo(int(get_redis().get(key()) or 0))


@commands.command()
@click.option("--yes", is_flag=True, help="Reset without a prompt.")
def reset(yes: bool) -> None:
    """Delete the count after confirmation."""
    confirm(key(), yes)
    log.info("gate reset", extra={"count": int(get_redis().getdel(key()) or 0)})


def init_app(app: Flask) -> None:
    """Add the routes and commands of the probe to the app."""
    app.register_blueprint(blueprint)
    app.cli.add_command(commands)
    if url := os.environ.get(SECOND_REDIS):
        redis = Redis.from_url(
            url, socket_timeout=SECOND_REDIS_SECONDS, socket_connect_timeout=SECOND_REDIS_SECONDS
        )
        service = registry.BackingService("gate", redis.ping, (RedisError,))
        registry.register(app, service)
