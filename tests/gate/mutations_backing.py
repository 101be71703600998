"""Violations of factor IV: how a service treats its Redis."""

from __future__ import annotations

from tests.gate.mutations import Mutation

RUNTIME = "{package_name}/runtime"
BACKING, WEB = f"{RUNTIME}/backing", f"{RUNTIME}/web"
CONNECTIONS = f"{BACKING}/connections.py"
CLIENT, CONNECT, CIRCUIT = f"{BACKING}/client.py", f"{BACKING}/connect.py", f"{BACKING}/circuit.py"
ATTEMPTS = f"{BACKING}/attempts.py"
NODES, SENTINELS = f"{BACKING}/cluster_nodes.py", f"{BACKING}/sentinels.py"
CREDENTIALS, URLS = f"{BACKING}/credentials.py", f"{RUNTIME}/urls.py"
ERRORS, PROBES = f"{WEB}/errors.py", f"{WEB}/probes.py"
MADE = "    return ResilientRedis(pool, settings.redis_timeout)\n"


def violates(ids: str, why: str, file: str, old: str, new: str) -> Mutation:
    """Return a violation of the assertions that are named."""
    return Mutation(why, file, old, new, frozenset(ids.split()))


MUTATIONS = [
    violates(
        "IV.1",
        "a database that is not the handle's",
        CONNECT,
        MADE,
        '    pool.connection_kwargs["db"] = 0\n' + MADE,
    ),
    violates(
        "IV.1 IV.6",
        "certificates of the system's authorities alone",
        CONNECT,
        MADE,
        '    pool.connection_kwargs.pop("ssl_ca_certs", None)\n' + MADE,
    ),
    violates(
        "IV.2",
        "a Redis that is named in code",
        URLS,
        'SCHEMES = ("redis", "rediss", "unix")\n',
        'SCHEMES = ("redis", "rediss", "unix")\nDEFAULT = "redis://cache:6379/0"\n',
    ),
    violates(
        "IV.2",
        "a password in code",
        CREDENTIALS,
        'url.password or "")',
        'url.password or password)\n\n\npassword = "hunter3"',
    ),
    violates(
        "IV.3 IV.4 IV.6",
        "an outage that is answered like a defect",
        ERRORS,
        "    if service := failed_service(current_app, error):\n",
        "    if (service := failed_service(current_app, error)) and not service:\n",
    ),
    violates(
        "IV.3",
        "an outage that is answered without saying why in the log",
        ERRORS,
        "        log_outage(service, error)\n",
        "",
    ),
    violates(
        "IV.3",
        "a refusal of Redis that is logged as an outage",
        CONNECT,
        "check, errors, (ResponseError,))",
        "check, errors)",
    ),
    violates(
        "IV.3",
        "readiness that fails without saying why",
        PROBES,
        "            log_outage(service, error)\n",
        "            del error\n",
    ),
    violates(
        "IV.3 IV.6",
        "liveness that asks Redis",
        PROBES,
        '    return {"status": "alive"}',
        '    ready()\n    services(current_app)[0].check()\n    return {"status": "alive"}',
    ),
    violates(
        "IV.3 IV.6",
        "readiness that does not ask Redis",
        PROBES,
        "            service.check()",
        "            bool(service.check)",
    ),
    violates(
        "IV.3 IV.4 IV.5 IV.6 IV.7",
        "a worker that ends when Redis does",
        ERRORS,
        "        log_outage(service, error)\n",
        '        log_outage(service, error)\n        __import__("os")._exit(1)\n',
    ),
    violates(
        "IV.4",
        "a restart of Redis that fails requests",
        ATTEMPTS,
        "self.timeout * 3 / 4",
        "0",
    ),
    violates(
        "IV.4",
        "a connection that is used again after it was given up",
        CLIENT,
        "            return super().parse_response(connection, command_name, **options)",
        "            self._close_connection = lambda *args: None\n"
        "            return connection.read_response(disconnect_on_error=False)",
    ),
    violates(
        "IV.4 IV.5",
        "an outage that never ends",
        ATTEMPTS,
        "                self.circuit.record_success()\n                return answer",
        "                return answer",
    ),
    violates(
        "III.8",
        "a rotated password that needs a restart",
        CREDENTIALS,
        "            url = urlsplit(read_file(self.path))",
        '            url = vars(self).setdefault("url", urlsplit(read_file(self.path)))',
    ),
    violates(
        "III.8",
        "a missing password file that is a defect",
        CREDENTIALS,
        "        except ValueError:",
        "        except ZeroDivisionError:",
    ),
    violates(
        "IV.5",
        "a wait without a limit",
        CONNECT,
        '        "socket_timeout": settings.redis_timeout / 4,',
        '        "socket_timeout": settings.redis_timeout * 3,',
    ),
    violates(
        "IV.5",
        "every thread waiting for a frozen Redis",
        CIRCUIT,
        "        if self.failures < MAX_FAILURES:\n",
        "        if True:\n",
    ),
    violates(
        "IV.6",
        "certificates that nobody verifies",
        CONNECT,
        MADE,
        '    pool.connection_kwargs |= {"ssl_cert_reqs": "none"} if settings.redis_url[5] == "s" else {}\n'
        + MADE,
    ),
    violates(
        "IV.6",
        "the certificate of any host",
        CONNECT,
        MADE,
        '    pool.connection_kwargs |= {"ssl_check_hostname": False} if settings.redis_url[5] == "s" else {}\n'
        + MADE,
    ),
    violates(
        "IV.6",
        "a handle that may lift the verification",
        URLS,
        'REDIS_OPTIONS = {"db", ',
        'REDIS_OPTIONS = {"db", "ssl_cert_reqs", "ssl_check_hostname", ',
    ),
    violates(
        "IV.7",
        "the handle in the log",
        CONNECT,
        MADE,
        '    __import__("logging").getLogger(__name__).debug("to %s", settings.redis_url)\n' + MADE,
    ),
    violates(
        "IV.7 IV.8",
        "the handle in a refusal",
        URLS,
        '"redis+cluster://…host:port,host:port, or one with rediss for TLS"\n',
        '"redis+cluster://…host:port,host:port, or one with rediss for TLS" + text[:26]\n',
    ),
    violates(
        "IV.8",
        "a refusal that does not say what is supported",
        URLS,
        '"redis+cluster://…host:port,host:port, or one with rediss for TLS"\n',
        '"or another"\n',
    ),
    violates(
        "IV.8",
        "a connection to a primary that is kept after a time-out",
        SENTINELS,
        "    def read_response(",
        "    def disconnect(self, *args: Any, **options: Any) -> None:\n        pass\n\n"
        "    def read_response(",
    ),
    violates(
        "IV.8",
        "a cluster that must run before the service",
        CONNECT,
        "        return cast(ResilientRedis, ResilientCluster(make, settings.redis_timeout))\n",
        "        make()\n"
        "        return cast(ResilientRedis, ResilientCluster(make, settings.redis_timeout))\n",
    ),
    violates(
        "IV.8",
        "a time limit for each silent node of a cluster",
        NODES,
        "        budget.check()\n",
        "",
    ),
    violates(
        "IV.8",
        "a time limit for each silent Sentinel",
        SENTINELS,
        " / 2 / len(group.hosts)",
        "",
    ),
    violates(
        "IV.8",
        "certificates of Sentinels and primary that nobody verifies",
        SENTINELS,
        'if name.startswith("ssl_")}\n',
        'if name.startswith("ssl_")}\n    tls |= {"ssl_cert_reqs": "none"} if secure else {}\n',
    ),
    violates(
        "IV.8",
        "readiness that a cluster which is down does not fail",
        CONNECT,
        "        check = cast(ResilientCluster, redis).check\n",
        "        check = redis.ping\n",
    ),
    violates(
        "IV.9",
        "a command that is sent twice",
        ATTEMPTS,
        " and (self.resend or not sent)",
        "",
    ),
    violates(
        "IV.11",
        "readiness that asks the first backing service",
        PROBES,
        "    for service in services(current_app):\n",
        "    for service in services(current_app)[:1]:\n",
    ),
    violates(
        "IV.11",
        "readiness that does not name the backing service",
        PROBES,
        '            states[service.name] = "unavailable"\n',
        '            states["a service"] = "unavailable"\n',
    ),
    violates(
        "IV.10",
        "a time limit for each address of Redis",
        CONNECTIONS,
        "left / (len(addresses) - place)",
        "seconds",
    ),
    violates(
        "IV.10",
        "a lookup without a time limit",
        CONNECTIONS,
        "self.port, seconds / 2)",
        "self.port, 60)",
    ),
]
