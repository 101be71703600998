"""Job of the gate, enqueued as a feature does: NAME=one SECONDS=2 python -m tests.factors.support.jobs."""

import logging
import os
import time

from {{ cookiecutter.package_name }} import create_app
from {{ cookiecutter.package_name }}.runtime.jobs.queue import enqueue

log = logging.getLogger(__name__)


def work(name: str, seconds: float) -> None:
    """Log a beginning and an end some seconds later."""
    log.info(f"job {name} began")  # noqa: G004  # as service.toml says
    time.sleep(seconds)
    log.info(f"job {name} ended")  # noqa: G004


def main() -> None:
    """Enqueue the job."""
    with create_app().app_context():
        enqueue(work, os.environ["NAME"], float(os.environ["SECONDS"]))


if __name__ == "__main__":
    # RQ takes no function of __main__.
    from tests.factors.support import jobs

    jobs.main()
