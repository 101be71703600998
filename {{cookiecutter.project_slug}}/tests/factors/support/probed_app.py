"""The app of the service with the probe of the gate."""

from flask import Flask

from {{ cookiecutter.package_name }} import create_app as create_service

from tests.factors.support import failing_routes, name_server, probe


def create_app() -> Flask:
    """Make the app as production does, and add the probe."""
    name_server.install()
    app = create_service()
    probe.init_app(app)
    failing_routes.init_app(app)
    return app
