"""Admin commands of the counter, as `flask --app {{ cookiecutter.package_name }} visits`."""

import logging
import sys

import click
from flask import current_app

from ..runtime.commands import AdminGroup
from ..runtime.redis import get_redis
from ..runtime.version import NAME
from . import counter

visits = AdminGroup("visits", help="Read or reset the number of visits.")
log = logging.getLogger(__name__)


@visits.command()
def show() -> None:
    """Print the number of visits."""
    click.echo(counter.read(get_redis(), current_app.extensions["settings"].key_prefix))


@visits.command()
@click.option("--yes", is_flag=True, help="Do it without asking.")
def reset(yes: bool) -> None:
    """Set the number of visits back to 0, after asking."""
    redis, prefix = get_redis(), current_app.extensions["settings"].key_prefix
    number = counter.read(redis, prefix)
    click.echo(f"{counter.key(prefix)} holds {number} visits.", err=True)
    if not (yes or confirmed()):
        raise click.ClickException("nothing was changed; confirm with the name, or with --yes")
    number = counter.reset(redis, prefix)
    log.info("visits reset", extra={"visits": number})
    click.echo(f"Reset: {number} visits deleted.", err=True)


def confirmed() -> bool:
    """Ask for the name of the service, where there is somebody to ask."""
    return on_terminal() and click.prompt(f"Type {NAME} to delete them", err=True) == NAME


def on_terminal() -> bool:
    """Tell whether a person is there to answer."""
    return sys.stdin.isatty()
