"""Violations of factor IX at the start and at the stop of an instance."""

from __future__ import annotations

from tests.gate.mutations import Mutation

SERVER = "gunicorn.conf.py"
FACTORY = "{package_name}/__init__.py"
COMMAND = "web: python -m visit_counter"
MADE = "    return app\n"
HOOKS = "{package_name}/runtime/server/hooks.py"
PROBES = "{package_name}/runtime/web/probes.py"
STARTING = "    protect_forks()\n"


def violates(ids: str, why: str, file: str, old: str, new: str) -> Mutation:
    """Return a violation of the assertions that are named."""
    return Mutation(why, file, old, new, frozenset(ids.split()))


MUTATIONS = [
    violates(
        "IX.1",
        "work that the start waits for",
        FACTORY,
        MADE,
        "    import time\n\n    time.sleep(4)\n" + MADE,
    ),
    violates(
        "IX.2 IX.3 IX.7 IX.8",
        "a swallowed SIGTERM",
        HOOKS,
        "    gc.freeze()\n",
        "    gc.freeze()\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n",
    ),
    violates(
        "IX.2 IX.8",
        "less time to stop than a request takes",
        SERVER,
        "graceful_timeout = math.ceil(settings.drain_delay + settings.graceful_timeout)",
        "graceful_timeout = 1",
    ),
    violates(
        "IX.2 IX.3 IX.7 IX.8",
        "a wrapper without exec",
        "Procfile",
        COMMAND,
        "web: sh -c \"trap '' TERM; python -m visit_counter; exit\"",
    ),
    violates(
        "IX.3",
        "a stop that always takes a while",
        HOOKS,
        "    metrics.remove()\n",
        "    import time\n\n    time.sleep(2)\n    metrics.remove()\n",
    ),
    violates(
        "IX.6",
        "a start that waits for Redis",
        HOOKS,
        STARTING,
        "    from redis import Redis\n\n"
        '    Redis.from_url(os.environ["REDIS_URL"]).ping()\n' + STARTING,
    ),
    violates(
        "IX.8",
        "readiness that does not know of the stop",
        PROBES,
        "    if lifecycle.draining:\n",
        "    if not lifecycle:\n",
    ),
    violates(
        "IX.8",
        "a listener that closes at once",
        "{package_name}/runtime/lifecycle.py",
        "max(self.drain_seconds, MIN_DRAIN_SECONDS)",
        "MIN_DRAIN_SECONDS",
    ),
    violates(
        "IX.7",
        "what a crash leaves behind and the next start minds",
        HOOKS,
        STARTING,
        '    os.mkdir(os.path.join(os.environ["TMPDIR"], "running"))\n' + STARTING,
    ),
]
