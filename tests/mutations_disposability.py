"""Violations of factor IX at the start and at the stop of an instance."""

from __future__ import annotations

from mutations import Mutation

SERVER = "gunicorn.conf.py"
FACTORY = "{package_name}/__init__.py"
COMMAND = "web: python -m visit_counter.runtime.gunicorn"
MADE = "    return app\n"
STARTING = '    server.metrics_folder = tempfile.mkdtemp(prefix="gunicorn-metrics-")\n'


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
        "IX.2 IX.3 IX.7",
        "a swallowed SIGTERM",
        SERVER,
        "def on_exit(server: Any) -> None:\n",
        "def when_ready(server: Any) -> None:\n"
        '    """Stay."""\n'
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n\n\n"
        "def on_exit(server: Any) -> None:\n",
    ),
    violates(
        "IX.2",
        "less time to stop than a request takes",
        SERVER,
        "graceful_timeout = math.ceil(settings.graceful_timeout)",
        "graceful_timeout = 1",
    ),
    violates(
        "IX.2 IX.3 IX.7",
        "a wrapper without exec",
        "Procfile",
        COMMAND,
        "web: sh -c \"trap '' TERM; python -m visit_counter.runtime.gunicorn; exit\"",
    ),
    violates(
        "IX.3",
        "a stop that always takes a while",
        SERVER,
        "    shutil.rmtree(server.metrics_folder, ignore_errors=True)",
        "    import time\n\n"
        "    time.sleep(2)\n"
        "    shutil.rmtree(server.metrics_folder, ignore_errors=True)",
    ),
    violates(
        "IX.6",
        "a start that waits for Redis",
        SERVER,
        STARTING,
        "    from redis import Redis\n\n    Redis.from_url(settings.redis_url).ping()\n" + STARTING,
    ),
    violates(
        "IX.7",
        "what a crash leaves behind and the next start minds",
        SERVER,
        STARTING,
        '    os.mkdir(os.path.join(os.environ["TMPDIR"], "running"))\n' + STARTING,
    ),
]
