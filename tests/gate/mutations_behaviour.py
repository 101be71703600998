"""Violations of what a running service does: its processes, its port, its log, its commands."""

from __future__ import annotations

from tests.gate.mutations import Mutation

PACKAGE = "{package_name}"
FACTORY, CLI = f"{PACKAGE}/__init__.py", f"{PACKAGE}/runtime/cli.py"
CLIENT, PROBES = f"{PACKAGE}/runtime/backing/client.py", f"{PACKAGE}/runtime/web/probes.py"
WEB, TELEMETRY = f"{PACKAGE}/runtime/web", f"{PACKAGE}/runtime/telemetry"
LOGS, ACCESS, EVENTS = f"{TELEMETRY}/logs.py", f"{TELEMETRY}/access.py", f"{TELEMETRY}/events.py"
REFUSALS = f"{TELEMETRY}/refusals.py"
METRICS, FAILURES = f"{TELEMETRY}/metrics.py", f"{TELEMETRY}/failures.py"
SECURITY, MIDDLEWARE = f"{WEB}/security.py", f"{WEB}/middleware.py"
CONTEXT, ERRORS = f"{WEB}/context.py", f"{WEB}/errors.py"
HOOKS, ARRIVAL = f"{PACKAGE}/runtime/server/hooks.py", f"{PACKAGE}/runtime/server/arrival.py"
SHARED, ALLOCATED = f"{TELEMETRY}/shared_values.py", f"{TELEMETRY}/allocated_dict.py"
# A violation of INCR is a method before this one.
METHOD = "    def parse_response("
INCR = "    def incr(self, name: str, amount: int = 1) -> int:\n"
MADE = "    return app\n"
LIVEZ = '@blueprint.get("/livez")'
SERVER = "gunicorn.conf.py"


def violates(ids: str, why: str, file: str, old: str, new: str) -> Mutation:
    """Return a violation of the assertions that are named."""
    return Mutation(why, file, old, new, frozenset(ids.split()))


PROCESSES = [
    violates(
        "VI.1",
        "a count in two steps, which another process can come between",
        CLIENT,
        METHOD,
        f"{INCR}"
        "        number = int(self.get(name) or 0) + 1\n"
        "        self.set(name, number)\n"
        f"        return number\n\n{METHOD}",
    ),
    violates(
        "VI.1 VI.2 VI.5",
        "counts that a thread writes later",
        CLIENT,
        METHOD,
        f"{INCR}"
        "        import threading\n\n"
        "        number = int(self.get(name) or 0)\n"
        "        pending = vars(threading).setdefault('pending', [])\n"
        "        pending.append(name)\n"
        "        write = lambda: self.incrby(name, len([pending.pop() for _ in pending[:]]))\n"
        "        threading.Timer(2, write).start()\n"
        f"        return number + len(pending)\n\n{METHOD}",
    ),
    violates(
        "VI.4",
        "a key made at boot",
        SECURITY,
        "SECRET_KEY=settings.secret_key,",
        "SECRET_KEY=__import__('secrets').token_hex(),",
    ),
    violates(
        "VI.4",
        "a former key that verifies nothing",
        SECURITY,
        "SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,",
        "SECRET_KEY_FALLBACKS=(),",
    ),
    violates(
        "VI.5",
        "a count that the process remembers",
        CLIENT,
        METHOD,
        f"{INCR}"
        "        last = vars(self).setdefault('last', {})\n"
        "        last[name] = max(last.get(name, 0) + 1, int(self.incrby(name, amount)))\n"
        f"        return last[name]\n\n{METHOD}",
    ),
    violates(
        "VI.5",
        "a thread for jobs in each worker",
        FACTORY,
        MADE,
        "    import threading\n\n"
        f"    threading.Thread(target=threading.Event().wait, daemon=True).start()\n{MADE}",
    ),
]

PORT = [
    violates(
        "VII.1 VII.8",
        "a port that only this machine can reach",
        SERVER,
        'bind = f"{wildcard()}:{settings.port}"',
        'bind = f"127.0.0.1:{settings.port}"',
    ),
    violates(
        "VII.1",
        "a second port that nobody declared",
        SERVER,
        'bind = f"{wildcard()}:{settings.port}"',
        'bind = [f"{wildcard()}:{settings.port}", "127.0.0.1:0"]',
    ),
    violates(
        "VII.8",
        "a port for IPv4 only",
        SERVER,
        'bind = f"{wildcard()}:{settings.port}"',
        'bind = f"0.0.0.0:{settings.port}"',
    ),
    violates(
        "VII.3",
        "a debugger in the app",
        FACTORY,
        MADE,
        "    from werkzeug.debug import DebuggedApplication\n\n"
        "    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True)\n"
        "    return app\n",
    ),
    violates(
        "VII.3",
        "a server that names its version",
        SERVER,
        "control_socket_disable = True",
        "control_socket_disable = True\n"
        "__import__('gunicorn.http.wsgi').http.wsgi.SERVER = 'gunicorn/27.0.1'",
    ),
    violates(
        "VII.3",
        "TRACE allowed",
        PROBES,
        LIVEZ,
        '@blueprint.route("/livez", methods=["GET", "TRACE"])',
    ),
    violates(
        "VII.4",
        "gunicorn trusts the headers of a proxy",
        SERVER,
        'forwarded_allow_ips = ""',
        'forwarded_allow_ips = "*"',
    ),
    violates(
        "VII.4",
        "one proxy is trusted by default",
        MIDDLEWARE,
        "if hops := settings.proxy_hops:",
        "if hops := max(settings.proxy_hops, 1):",
    ),
    violates(
        "VII.4 VII.5",
        "every host is answered",
        SECURITY,
        "get_host(request.scheme, host, trusted_hosts=trusted)",
        "get_host(request.scheme, host)",
    ),
    violates(
        "VII.5",
        "a host that is trusted in one spelling only",
        SECURITY,
        'request.headers.get("Host", "").lower()',
        'request.headers.get("Host", "")',
    ),
    violates(
        "VII.5",
        "a probe that needs a trusted host",
        SECURITY,
        'frozenset({"probes.live", "probes.ready", "metrics.metrics"})',
        'frozenset({"probes.live", "metrics.metrics"})',
    ),
    violates(
        "VII.6",
        "the prefix of a proxy is ignored",
        MIDDLEWARE,
        "x_prefix=hops",
        "x_prefix=0",
    ),
    violates(
        "VII.6",
        "a link to the root of the host",
        f"{PACKAGE}/templates/base.html",
        "url_for('static', filename='style.css')",
        "'/static/style.css'",
    ),
    violates(
        "VII.7",
        "a client that has left, waited for again and again",
        ARRIVAL,
        "max(expected, len(waiting) + 1)",
        "len(waiting) + 1 if conn.has_part else 1",
    ),
    violates(
        "VII.7",
        "a thread for each slow client",
        ARRIVAL,
        "    head, end, body = data.partition",
        "    return True\n    head, end, body = data.partition",
    ),
    violates(
        "VII.7",
        "all the time that a slow client wants",
        ARRIVAL,
        "SECONDS = 10 ",
        "SECONDS = 600 ",
    ),
]

LOG = [
    violates(
        "XI.1",
        "a log file",
        SERVER,
        "import math\n",
        "import logging\nimport math\n\n"
        'logging.getLogger().addHandler(logging.FileHandler("service.log"))\n\n',
    ),
    violates(
        "XI.1",
        "a note in a file for each request",
        CONTEXT,
        '    fields = {"request_id": request_id}\n',
        '    fields = {"request_id": request_id}\n'
        '    with open("requests.txt", "a") as notes:\n'
        "        print(request_id, file=notes)\n",
    ),
    violates(
        "XI.2",
        "events that wait for others",
        ACCESS,
        'events.write(severity, "request", log.name, fields)',
        '__import__("threading").Timer(3, events.write, [severity, "request", "late", fields]).start()',
    ),
    violates(
        "XI.3",
        "warnings in plain text",
        LOGS,
        "    logging.captureWarnings(capture=True)\n",
        "",
    ),
    violates(
        "XI.3",
        "what fails while an object is deleted in plain text",
        LOGS,
        "    sys.unraisablehook = lambda unraisable: log_uncaught(unraisable.exc_value)\n",
        "",
    ),
    violates(
        "XI.3",
        "a record that cannot be written in plain text",
        LOGS,
        "            return json.dumps(self.event(unwritable(record, error)))",
        "            raise",
    ),
    violates(
        "XI.3",
        "a worker that cannot start says so in plain text",
        FAILURES,
        "            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)",
        "            raise",
    ),
    violates(
        "XI.4",
        "local time",
        EVENTS,
        "time.gmtime(seconds)",
        "time.localtime(seconds)",
    ),
    violates(
        "XI.4",
        "a required field that a library can replace",
        LOGS,
        "            if name not in STANDARD and name not in event",
        "            if name not in STANDARD",
    ),
    violates(
        "XI.4",
        "a request without its user agent",
        ACCESS,
        '                "user_agent.original": decode(environ.get("HTTP_USER_AGENT", ""))[:256],\n',
        "",
    ),
    violates(
        "XI.5",
        "a failed request is no event",
        ACCESS,
        "        if log.isEnabledFor(level):",
        '        if log.isEnabledFor(level) and status < "500":',
    ),
    violates(
        "XI.5",
        "a trace that ends here",
        CONTEXT,
        "        fields |= match.groupdict()",
        "        pass",
    ),
    violates(
        "XI.6",
        "cookies in the log",
        ACCESS,
        '"client.address": environ.get("REMOTE_ADDR", ""),',
        '"client.address": environ.get("REMOTE_ADDR", ""), "cookie": environ.get("HTTP_COOKIE", ""),',
    ),
    violates(
        "XI.6",
        "a header that cannot be read is repeated",
        REFUSALS,
        '{"error.type": type(error).__name__}',
        '{"error.type": str(error)}',
    ),
    violates(
        "IV.6 IV.7",
        "the handle of Redis in the event of its outage",
        ERRORS,
        '"exception.message": str(error)}',
        '"exception.message": __import__("os").environ["REDIS_URL"]}',
    ),
    violates(
        "XI.7",
        "separators of lines that are not ASCII",
        EVENTS,
        "QUOTE = json.encoder.encode_basestring_ascii",
        "QUOTE = json.encoder.encode_basestring",
    ),
    violates(
        "XI.8",
        "a probe in the log",
        ACCESS,
        'frozenset({"/livez", "/readyz", "/metrics"})',
        'frozenset({"/livez", "/metrics"})',
    ),
]

OBSERVATION = [
    violates(
        "XI.9",
        "a refusal that is no event",
        FAILURES,
        "        self.log.access(response, request, environ, timedelta())\n",
        "",
    ),
    violates(
        "XI.9",
        "a response that failed before its first byte is two events",
        ACCESS,
        "        if not resp.headers_sent and not isinstance(sys.exception(), OSError | None):",
        "        if isinstance(sys.exception(), ZeroDivisionError):",
    ),
    violates(
        "XI.9",
        "a refusal without its request id",
        REFUSALS,
        '        ("X-Request-ID", request_id),\n',
        "",
    ),
    violates(
        "XI.9",
        "a malformed body taken for a defect",
        ERRORS,
        "    if isinstance(error, ParseException):",
        "    if error is ParseException:",
    ),
    violates(
        "XI.10",
        "files with holes, which a full disk cannot fill",
        ALLOCATED,
        "        os.posix_fallocate(descriptor, 0, size)",
        "        pass",
    ),
    violates(
        "XI.10",
        "a metric that cannot be written ends its request",
        SHARED,
        "            except OSError as error:\n                self.fail(error)\n\n    def open(",
        "            except ZeroDivisionError as error:\n                self.fail(error)\n\n    def open(",
    ),
    violates(
        "XI.10",
        "metrics that are written to a file that nothing can read",
        SHARED,
        "        if file is None or file.is_removed():",
        "        if file is None:",
    ),
    violates(
        "XI.11",
        "a path whose escapes are lost",
        ACCESS,
        "req.path[:1024]",
        'environ.get("PATH_INFO", "")',
    ),
    violates(
        "XI.11",
        "any text of a proxy taken for an address",
        MIDDLEWARE,
        '        environ["REMOTE_ADDR"] = client_address(environ)\n',
        '        environ["REMOTE_ADDR"] = environ["REMOTE_ADDR"].removeprefix("::ffff:")\n',
    ),
    violates(
        "XI.10",
        "workers that write to the same files",
        FAILURES,
        "            metrics.share(self.number)",
        "            metrics.share(1)",
    ),
    violates(
        "XI.10",
        "a metric that was made before the workers share any",
        SHARED,
        "                    make_again(one)",
        "                    pass",
    ),
]

COMMAND = [
    violates(
        "XII.2",
        "a command that the app does not have",
        CLI,
        "    @app.cli.command()",
        "    @click.command()",
    ),
    violates(
        "XII.3",
        "no terminal taken for a confirmation",
        CLI,
        "    if not (yes or is_confirmed()):",
        "    if is_terminal() and not (yes or is_confirmed()):",
    ),
    violates(
        "XII.3",
        "a confirmation from a pipe",
        CLI,
        "    return is_terminal() and click.prompt(",
        "    return click.prompt(",
    ),
    violates(
        "XII.4",
        "a reset that empties the database",
        f"{PACKAGE}/visits/counter.py",
        "self.redis.getdel(self.key)",
        "self.redis.flushdb()",
    ),
    violates(
        "XII.4",
        "a reset that looks at every key",
        f"{PACKAGE}/visits/counter.py",
        "self.redis.getdel(self.key)",
        'self.redis.delete(*self.redis.keys(f"{self.key}*"))',
    ),
    violates(
        "XII.5",
        "a command that logs no events",
        FACTORY,
        "    logs.init_app(settings)\n",
        "",
    ),
    violates(
        "XII.5",
        "a command that ends in a traceback without Redis",
        CLI,
        "            if service := failed_service(app, error):\n",
        "            if (service := failed_service(app, error)) and not service:\n",
    ),
    violates(
        "XII.6",
        "a reset at each start",
        HOOKS,
        "    protect_forks()\n",
        "    protect_forks()\n"
        "    from redis import Redis\n\n"
        "    from ..settings import Settings\n\n"
        "    settings = Settings.from_environ(os.environ)\n"
        "    with Redis.from_url(settings.redis_url) as client:\n"
        '        for key in client.scan_iter(settings.key_prefix + "*"):\n'
        "            client.delete(key)\n",
    ),
    violates(
        "XII.6",
        "a route that resets",
        PROBES,
        LIVEZ,
        '@blueprint.post("/reset")\n'
        "def reset() -> dict[str, int]:\n"
        '    """Delete every key of the service."""\n'
        '    redis = current_app.extensions["redis"]\n'
        '    keys = redis.scan_iter(get_settings().key_prefix + "*")\n'
        f'    return {{"deleted": redis.delete(*keys)}}\n\n\n{LIVEZ}',
    ),
    violates(
        "XII.7",
        "a shell without the app's objects",
        CLI,
        'return {"redis": app.extensions["redis"], "settings": app.extensions["settings"]}',
        "return {}",
    ),
]

MUTATIONS = [*PROCESSES, *PORT, *LOG, *OBSERVATION, *COMMAND]
