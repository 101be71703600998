"""Admin commands of the counter: `flask --app {{ cookiecutter.package_name }} visits`."""

import logging

import click

from ..runtime.cli import AdminGroup, confirm
from .counter import get_counter

visits = AdminGroup("visits", help="Read or reset the number of visits.")
log = logging.getLogger(__name__)


@visits.command()
def show() -> None:
    """Print the number of visits."""
    click.echo(get_counter().read())


@visits.command()
@click.option("--yes", is_flag=True, help="Reset without a prompt.")
def reset(yes: bool) -> None:
    """Set the number of visits to 0 after confirmation."""
    counter = get_counter()
    click.echo(f"{counter.key} holds {counter.read()} visits.", err=True)
    confirm(counter.key, yes)
    number = counter.reset()
    log.info("visits reset", extra={"visits": number})
    click.echo(f"Reset: {number} visits deleted.", err=True)
