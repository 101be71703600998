"""Command line: the commands of any service, the objects of `flask shell`, and how commands fail."""

from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

from .backing.registry import failed_service
from .settings import Settings, SettingsError, get_settings


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises SettingsError, or ends the flask command with its report."""
    try:
        return Settings.from_environ(environ)
    except SettingsError as refusal:
        if click.get_current_context(silent=True):
            raise SystemExit(str(refusal)) from None
        raise


class AdminGroup(AppGroup):
    """Group of commands that end in one line when a backing service fails."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; raises ClickException."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            app = ctx.ensure_object(ScriptInfo).load_app()
            if service := failed_service(app, error):
                raise click.ClickException(f"{service.name}: unavailable ({error})") from error
            raise


def init_app(app: Flask) -> None:
    """Add the commands, and the objects of the shell."""

    @app.cli.command()
    def config() -> None:
        """Print the effective configuration without its secrets."""
        for name, value in get_settings().redacted().items():
            click.echo(f"{name}={value}")

    @app.shell_context_processor
    def objects() -> dict[str, Any]:
        """Return the objects of `flask shell` beside the app."""
        return {"redis": app.extensions["redis"], "settings": app.extensions["settings"]}
