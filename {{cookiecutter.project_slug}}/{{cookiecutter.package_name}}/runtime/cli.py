"""Admin commands of any service, what `flask shell` has at hand, and how admin commands fail."""

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
    """Add to the app's commands, and to its shell."""

    @app.cli.command()
    def config() -> None:
        """Print the effective configuration, without its secrets."""
        for name, value in settings.redacted().items():
            click.echo(f"{name}={value}")

    @app.shell_context_processor
    def objects() -> dict[str, Any]:
        """Have in `flask shell`, beside the app, what its code works with."""
        return {"redis": app.extensions["redis"], "settings": settings}
