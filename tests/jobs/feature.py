"""Feature of the tests, which is added to a service: jobs that record, wait or fail."""

from __future__ import annotations

from tests.support.baking import BakedProject

TRIALS = '''\
"""Jobs of the tests."""

import logging
import time

from flask import Blueprint
from prometheus_client import Counter

from .runtime.backing.connect import get_redis
from .runtime.jobs.queue import enqueue
from .runtime.settings import get_settings

RECORDED = Counter("trials_recorded", "Executions of record().", ["parity"])
IMPORTED = Counter("trials_imported", "Imports of this module.")
IMPORTED.inc()
log = logging.getLogger(__name__)
blueprint = Blueprint("trials", __name__, url_prefix="/trials")


def count(name, number):
    get_redis().hincrby(f"{get_settings().key_prefix}{name}", str(number), 1)


def record(number):
    count("executions", number)
    RECORDED.labels(str(number % 2)).inc()
    log.info("recorded", extra={"number": number})


def take(tenths):
    """Take some time, in tenths of a second."""
    count("started", tenths)
    time.sleep(tenths / 10)
    record(tenths)


def refuse(number):
    count("refusals", number)
    raise ValueError("refused")


@blueprint.post("/<name>/<int:number>")
def add(name, number):
    return {"job": enqueue({"record": record, "refuse": refuse}[name], number)}, 202
'''

CLIENT = '''\
"""Client that enqueues calls with a range of numbers; prints number, id and failed attempts of each."""

import json
import sys
import time

from redis import RedisError

from . import create_app, trials
from .runtime.jobs.queue import enqueue


def enqueue_until_acknowledged(function, number):
    failures = 0
    while True:
        try:
            return enqueue(function, number), failures
        except RedisError:
            failures += 1
            time.sleep(0.1)


def main(function, first, last, pause):
    with create_app().app_context():
        for number in range(first, last):
            print(number, *enqueue_until_acknowledged(getattr(trials, function), number), flush=True)
            time.sleep(pause)


if __name__ == "__main__":
    main(*map(json.loads, sys.argv[1:]))
'''


def add_trials(project: BakedProject) -> None:
    """Add the feature to a service."""
    package = project.answers["package_name"]
    project.write(f"{package}/trials.py", TRIALS)
    project.write(f"{package}/trials_client.py", CLIENT)
    app = project.read(f"{package}/__init__.py")
    line = "    visits.init_app(app, settings)\n"
    assert app.count(line) == 1, app
    added = f"{line}    from . import trials\n\n    app.register_blueprint(trials.blueprint)\n"
    project.write(f"{package}/__init__.py", app.replace(line, added))
