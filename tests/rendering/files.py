"""The files of a project for each set of answers."""

from __future__ import annotations

from collections.abc import Mapping

# Files of every project
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
    deploy/haproxy/haproxy.cfg
    deploy/__init__.py
    deploy/build.py
    deploy/claim.py
    deploy/commit.py
    deploy/configs.py
    deploy/engine.py
    deploy/files.py
    deploy/ids.py
    deploy/images.py
    deploy/instances.py
    deploy/ledger.py
    deploy/process.py
    deploy/python.sh
    deploy/refusal.py
    deploy/release.py
    deploy/report.py
    deploy/repository.py
    deploy/rollout.py
    deploy/run.py
    deploy/stack.py
    deploy/logging/collector.yaml
    dev/redis_server.py
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
    tests/factors/conftest.py
    tests/factors/document.py
    tests/factors/report.py
    tests/factors/service.toml
    tests/factors/support/admin.py
    tests/factors/support/assertions.py
    tests/factors/support/attached.py
    tests/factors/support/availability.py
    tests/factors/support/backing.py
    tests/factors/support/clients.py
    tests/factors/support/compose.py
    tests/factors/support/events.py
    tests/factors/support/failing_routes.py
    tests/factors/support/fake_engine.py
    tests/factors/support/faults.py
    tests/factors/support/hostile_requests.py
    tests/factors/support/gunicorn_conf.py
    tests/factors/support/instance.py
    tests/factors/support/probe.py
    tests/factors/support/probed_app.py
    tests/factors/support/procfs.py
    tests/factors/support/releases.py
    tests/factors/support/repository.py
    tests/factors/support/results.py
    tests/factors/support/service_file.py
    tests/factors/support/tls.py
    tests/factors/test_01_codebase.py
    tests/factors/test_02_dependencies.py
    tests/factors/test_03_config.py
    tests/factors/test_04_attached_services.py
    tests/factors/test_04_backing_services.py
    tests/factors/test_04_faults.py
    tests/factors/test_05_build_release_run.py
    tests/factors/test_05_foreign_state.py
    tests/factors/test_06_processes.py
    tests/factors/test_07_port_binding.py
    tests/factors/test_07_slow_clients.py
    tests/factors/test_08_concurrency.py
    tests/factors/test_08_process_types.py
    tests/factors/test_09_availability.py
    tests/factors/test_09_disposability.py
    tests/factors/test_10_dev_prod_parity.py
    tests/factors/test_11_logs.py
    tests/factors/test_12_admin_processes.py
    tests/support/service.py
    tests/support/settings.py
    tests/test_app.py
    tests/test_commands.py
    tests/test_healthcheck.py
    tests/test_redis.py
    tests/test_routes.py
    tests/test_server.py
    tests/test_settings.py
    tests/test_worker.py
    tests/visits/test_commands.py
    tests/visits/test_visits.py
    {package_name}/__init__.py
    {package_name}/__main__.py
    {package_name}/runtime/__init__.py
    {package_name}/runtime/backing/__init__.py
    {package_name}/runtime/backing/circuit.py
    {package_name}/runtime/backing/client.py
    {package_name}/runtime/backing/connect.py
    {package_name}/runtime/backing/credentials.py
    {package_name}/runtime/backing/registry.py
    {package_name}/runtime/cli.py
    {package_name}/runtime/lifecycle.py
    {package_name}/runtime/parsers.py
    {package_name}/runtime/server/__init__.py
    {package_name}/runtime/server/arrival.py
    {package_name}/runtime/server/hooks.py
    {package_name}/runtime/server/worker.py
    {package_name}/runtime/settings.py
    {package_name}/runtime/telemetry/__init__.py
    {package_name}/runtime/telemetry/access.py
    {package_name}/runtime/telemetry/events.py
    {package_name}/runtime/telemetry/failures.py
    {package_name}/runtime/telemetry/logs.py
    {package_name}/runtime/telemetry/metrics.py
    {package_name}/runtime/version.py
    {package_name}/runtime/web/__init__.py
    {package_name}/runtime/web/context.py
    {package_name}/runtime/web/errors.py
    {package_name}/runtime/web/middleware.py
    {package_name}/runtime/web/probes.py
    {package_name}/runtime/web/security.py
    {package_name}/static/style.css
    {package_name}/templates/base.html
    {package_name}/templates/error.html
    {package_name}/visits/__init__.py
    {package_name}/visits/commands.py
    {package_name}/visits/counter.py
    {package_name}/visits/routes.py
    {package_name}/visits/templates/visits/welcome.html
"""
# Question -> choice -> files of that choice
CHOSEN: dict[str, dict[str, str]] = {
    "license": dict.fromkeys(("MIT", "Apache-2.0", "BSD-3-Clause"), "LICENSE"),
}


def files(answers: Mapping[str, str]) -> set[str]:
    """Return the files of the project for a complete set of answers."""
    chosen = [CHOSEN[question].get(answers[question], "") for question in CHOSEN]
    return set("\n".join([FILES, *chosen]).format(**answers).split())
