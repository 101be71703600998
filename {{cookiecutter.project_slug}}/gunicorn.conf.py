"""The settings of gunicorn, the web server. Those of a deploy come from the environment."""

import gc
import itertools
import logging
import math
import os
import shutil
import signal
import sys
import tempfile
from typing import Any

from {{ cookiecutter.package_name }}.runtime import logs, metrics
from {{ cookiecutter.package_name }}.runtime.settings import Settings, SettingsError

try:
    settings = Settings.from_environ(os.environ)
except SettingsError as refusal:
    logs.configure()
    logging.getLogger("gunicorn.conf").critical(
        "configuration refused", extra={"problems": refusal.problems}
    )
    sys.exit(1)

wsgi_app = "{{ cookiecutter.package_name }}:create_app()"
proc_name = "{{ cookiecutter.project_slug }}"
bind = f"0.0.0.0:{settings.port}"
worker_class = "{{ cookiecutter.package_name }}.runtime.worker.DrainingWorker"
workers = settings.web_concurrency
threads = settings.web_threads
graceful_timeout = math.ceil(settings.graceful_timeout)
# Longer than a load balancer keeps an idle connection, so that it is never the one to find it closed.
keepalive = 75
# Only ProxyFix, with PROXY_HOPS, trusts what a proxy says.
forwarded_allow_ips = ""
# It could change the number of workers at run time, behind the back of the configuration.
control_socket_disable = True
logger_class = "{{ cookiecutter.package_name }}.runtime.access.AccessLogger"
logconfig_dict = logs.configure(settings.log_level, settings.release)


def on_starting(server: Any) -> None:
    """Make the folder in which the workers share their metrics, and prepare for a stop during a fork."""
    server.metrics_folder = tempfile.mkdtemp(prefix="gunicorn-metrics-")
    metrics.share(server.metrics_folder)
    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=release_in_worker)


def when_ready(server: Any) -> None:
    """Let the workers share what is imported: a collection in one of them would copy it, to mark it."""
    gc.freeze()


STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def hold() -> None:
    """Hold signals back during a fork.

    One that reaches a worker before gunicorn has set its handlers would be lost, and the stop would
    then take the whole graceful timeout.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)


def release() -> None:
    """Let the signals in."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def release_in_worker() -> None:
    """Let the signals in; until gunicorn sets its handlers there is nothing to finish."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    release()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new worker the lowest number that is free."""
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in itertools.count(1) if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Let a new worker count on in the metrics of the one it replaces."""
    metrics.worker_number = worker.number


def worker_int(worker: Any) -> None:
    """End the whole server at a change of the code with --reload; compose.dev.yaml starts it again.

    A new worker would get the modules that this process has imported, as they were.
    """
    if worker.cfg.reload:
        os.kill(worker.ppid, signal.SIGTERM)


def on_exit(server: Any) -> None:
    """Remove the folder of the metrics."""
    shutil.rmtree(server.metrics_folder, ignore_errors=True)
