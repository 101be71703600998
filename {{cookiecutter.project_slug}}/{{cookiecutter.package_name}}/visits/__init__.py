"""Example feature: count visits. Replace this folder, tests/visits/ and the lines in create_app()."""

from flask import Flask

from ..runtime.settings import Settings
from . import commands, routes{% if cookiecutter.worker == "yes" %}, totals{% endif %}


def init_app(app: Flask, settings: Settings) -> None:
    """Add the routes and commands of the feature to the app."""
    app.register_blueprint(routes.blueprint)
{%- if cookiecutter.worker == "yes" %}
    app.register_blueprint(totals.blueprint)
{%- endif %}
    app.cli.add_command(commands.visits)
