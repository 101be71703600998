"""Command line: commands of any service, objects of `flask shell`, confirmations and failures."""

import sys
from collections.abc import Mapping
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo

from .backing.registry import failed_service
from .settings import Settings, SettingsError, get_settings
from .version import NAME


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
                problem = f"{service.name}: {service.describe(error)} ({error})"
                raise click.ClickException(problem) from error
            raise


def confirm(subject: str, yes: bool) -> None:
    """Require --yes, or the name of the service typed on a terminal; raises ClickException."""
    if not (yes or is_confirmed()):
        raise click.ClickException(f"{subject}: not confirmed; repeat with --yes")


def is_confirmed() -> bool:
    """Return True if a person on a terminal types the name of the service."""
    return is_terminal() and click.prompt(f"Type {NAME} to confirm", err=True) == NAME


def is_terminal() -> bool:
    """Return True if standard input is a terminal."""
    return sys.stdin.isatty()


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
