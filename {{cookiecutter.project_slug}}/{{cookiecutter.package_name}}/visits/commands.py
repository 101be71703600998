"""Admin commands of the counter: `flask --app {{ cookiecutter.package_name }} visits`."""

import logging
import sys

import click

from ..runtime.cli import AdminGroup
from ..runtime.version import NAME
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
    if not (yes or confirmed()):
        raise click.ClickException(f"{counter.key}: reset not confirmed; repeat with --yes")
    number = counter.reset()
    log.info("visits reset", extra={"visits": number})
    click.echo(f"Reset: {number} visits deleted.", err=True)


def confirmed() -> bool:
    """Return True if a person on a terminal types the name of the service."""
    return is_terminal() and click.prompt(f"Type {NAME} to delete them", err=True) == NAME


def is_terminal() -> bool:
    """Return True if standard input is a terminal."""
    return sys.stdin.isatty()
