"""Work that goes on after the answer: jobs in Redis, which workers execute at least once.

RQ reads its key prefix when it is imported. So nothing but queue.py may be imported before create_app().
"""

from flask import Flask

from ..settings import Settings
from . import queue


def init_app(app: Flask, settings: Settings) -> None:
    """Add the queue and the admin commands to the app."""
    queue.init_app(app, settings)
    from .commands import jobs

    app.cli.add_command(jobs)
