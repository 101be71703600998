"""The service: how its parts are put together."""

import os
from collections.abc import Mapping

from flask import Flask

from . import visits

# What makes the service twelve-factor.
from .runtime import commands, errors, health, logs, metrics, redis, requests, security
from .runtime.lean import LeanFlask
from .runtime.settings import Settings


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """Make the app from the environment; raises SettingsError when a setting is missing or malformed."""
    settings = Settings.from_environ(environ)
    logs.init_app(settings)
    app = LeanFlask(__name__)
    app.extensions["settings"] = settings
    for part in (requests, security, errors, redis, health, metrics, commands):
        part.init_app(app, settings)
    for feature in (visits,):
        feature.init_app(app, settings)
    return app
