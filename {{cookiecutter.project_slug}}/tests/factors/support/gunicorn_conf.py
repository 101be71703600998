"""Settings of gunicorn: production's own, and the app with the probe."""

from pathlib import Path

# Before the hooks of gunicorn, as gunicorn.conf.py imports the features
import tests.factors.support.probe  # noqa: F401  # makes a metric

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))  # noqa: S102  # as gunicorn
wsgi_app = "tests.factors.support.probed_app:create_app()"
