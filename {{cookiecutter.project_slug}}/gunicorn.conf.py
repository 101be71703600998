"""Settings of gunicorn, the web server; a deploy's own come from the environment."""

import math

from {{ cookiecutter.package_name }}.runtime import startup
from {{ cookiecutter.package_name }}.runtime.host import temporary_folder, wildcard
from {{ cookiecutter.package_name }}.runtime.lifecycle import lifecycle
from {{ cookiecutter.package_name }}.runtime.server.hooks import (  # noqa: F401  # read by gunicorn
    on_exit,
    on_starting,
    pre_fork,
    when_ready,
    worker_int,
)
from {{ cookiecutter.package_name }}.runtime.telemetry import logs

settings = startup.configure()

wsgi_app = "{{ cookiecutter.package_name }}:create_app()"
proc_name = "{{ cookiecutter.project_slug }}"
bind = f"{wildcard()}:{settings.port}"
worker_class = "{{ cookiecutter.package_name }}.runtime.server.worker.DrainingWorker"
workers = settings.web_concurrency
threads = settings.web_threads
lifecycle.drain_seconds = settings.drain_delay
# The master's deadline for the whole stop
graceful_timeout = math.ceil(settings.drain_delay + settings.graceful_timeout)
# Longer than a load balancer keeps an idle connection, so that the balancer closes it first
keepalive = 75
# ProxyFix alone trusts the headers of proxies, as PROXY_HOPS says.
forwarded_allow_ips = ""
worker_tmp_dir = temporary_folder()
# The socket could change the number of workers at run time.
control_socket_disable = True
logger_class = "{{ cookiecutter.package_name }}.runtime.telemetry.access.AccessLogger"
logconfig_dict = logs.config(settings.log_level)
