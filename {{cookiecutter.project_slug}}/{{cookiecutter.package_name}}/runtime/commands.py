"""Admin commands of any service, and how admin commands fail."""

from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup
from redis import RedisError

from .settings import Settings


class AdminGroup(AppGroup):
    """A group of commands that ends with one line, not with a traceback, when Redis fails."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; raises ClickException."""
        try:
            return super().invoke(ctx)
        except RedisError as error:
            raise click.ClickException(f"Redis is unavailable: {error}") from error


def init_app(app: Flask, settings: Settings) -> None:
    """Add the commands to the app's."""

    @app.cli.command()
    def config() -> None:
        """Print the effective configuration, without its secrets."""
        for name, value in settings.redacted().items():
            click.echo(f"{name}={value}")
