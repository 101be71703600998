"""Settings of gunicorn: production's own, and the app with the probe."""

from pathlib import Path

exec(compile(Path("gunicorn.conf.py").read_text("utf-8"), "gunicorn.conf.py", "exec"))  # noqa: S102  # as gunicorn
wsgi_app = "tests.factors.support.probed_app:create_app()"
