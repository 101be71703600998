"""Hold the files that a project has, for every set of answers."""

from __future__ import annotations

from collections.abc import Mapping

# Every project has these files.
FILES = """
    .dockerignore
    .editorconfig
    .gitignore
    .python-version
    .shellcheckrc
    Dockerfile
    Procfile
    README.md
    bin/build
    bin/dev
    bin/lint
    bin/lock
    bin/release
    bin/run
    bin/setup
    bin/test
    compose.dev.yaml
    compose.logging.yaml
    compose.yaml
    config/development.env.example
    config/production.env.example
    config/staging.env.example
    deploy/common.sh
    deploy/compose.sh
    deploy/haproxy/haproxy.cfg
    deploy/ledger.sh
    deploy/logging/collector.yaml
    docs/operating.md
    docs/releasing.md
    docs/twelve-factors.md
    gunicorn.conf.py
    healthcheck.py
    pyproject.toml
    requirements-dev.in
    requirements-dev.txt
    requirements.in
    requirements.txt
    tests/conftest.py
    tests/factors/support/additions.py
    tests/factors/support/admin.py
    tests/factors/support/availability.py
    tests/factors/support/backing.py
    tests/factors/support/clients.py
    tests/factors/conftest.py
    tests/factors/support/events.py
    tests/factors/support/faults.py
    tests/factors/support/kernel.py
    tests/factors/support/outcome.py
    tests/factors/support/processes.py
    tests/factors/support/releases.py
    tests/factors/report.py
    tests/factors/support/repository.py
    tests/factors/support/standin.py
    tests/factors/test_01_codebase.py
    tests/factors/test_02_dependencies.py
    tests/factors/test_03_config.py
    tests/factors/test_04_backing_services.py
    tests/factors/test_04_faults.py
    tests/factors/test_05_build_release_run.py
    tests/factors/test_06_processes.py
    tests/factors/test_07_port_binding.py
    tests/factors/test_08_concurrency.py
    tests/factors/test_09_availability.py
    tests/factors/test_09_disposability.py
    tests/factors/test_10_dev_prod_parity.py
    tests/factors/test_11_logs.py
    tests/factors/test_12_admin_processes.py
    tests/factors/support/tls.py
    tests/factors/support/trouble.py
    dev/redis_server.py
    tests/support/service.py
    tests/test_app.py
    tests/test_commands.py
    tests/test_healthcheck.py
    tests/test_redis.py
    tests/test_routes.py
    tests/test_server.py
    tests/test_settings.py
    tests/test_visits.py
    {package_name}/__init__.py
    {package_name}/runtime/__init__.py
    {package_name}/runtime/access.py
    {package_name}/runtime/bounded.py
    {package_name}/runtime/commands.py
    {package_name}/runtime/connections.py
    {package_name}/runtime/errors.py
    {package_name}/runtime/gunicorn.py
    {package_name}/runtime/health.py
    {package_name}/runtime/lean.py
    {package_name}/runtime/logs.py
    {package_name}/runtime/metrics.py
    {package_name}/runtime/pool.py
    {package_name}/runtime/redis.py
    {package_name}/runtime/requests.py
    {package_name}/runtime/security.py
    {package_name}/runtime/settings.py
    {package_name}/runtime/threads.py
    {package_name}/runtime/values.py
    {package_name}/runtime/version.py
    {package_name}/runtime/worker.py
    {package_name}/static/style.css
    {package_name}/templates/base.html
    {package_name}/templates/error.html
    {package_name}/visits/__init__.py
    {package_name}/visits/commands.py
    {package_name}/visits/counter.py
    {package_name}/visits/routes.py
    {package_name}/visits/templates/visits/welcome.html
"""
# Question -> choice -> the files that come with it.
CHOSEN: dict[str, dict[str, str]] = {
    "license": dict.fromkeys(("MIT", "Apache-2.0", "BSD-3-Clause"), "LICENSE"),
}


def files(answers: Mapping[str, str]) -> set[str]:
    """Return the files of the project for a complete set of answers."""
    chosen = [CHOSEN[question].get(answers[question], "") for question in CHOSEN]
    return set("\n".join([FILES, *chosen]).format(**answers).split())
