"""The service. create_app() puts its parts together."""

import os
from collections.abc import Mapping

from flask import Flask

from . import visits
from .runtime import cli{% if cookiecutter.worker == "yes" %}, jobs{% endif %}
from .runtime.backing import connect
from .runtime.telemetry import logs, metrics
from .runtime.web import errors, middleware, probes, security


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Make the app from the environment; raises SettingsError."""
    settings = cli.load_settings(environ)
    logs.init_app(settings)
    app = Flask(__name__)
    app.extensions["settings"] = settings

    # What makes any service twelve-factor
    middleware.init_app(app, settings)
    security.init_app(app, settings)
    errors.init_app(app)
    connect.init_app(app, settings)
    probes.init_app(app)
    metrics.init_app(app)
    cli.init_app(app)
{%- if cookiecutter.worker == "yes" %}
    jobs.init_app(app, settings)
{%- endif %}

    # Features
    visits.init_app(app, settings)
    return app
