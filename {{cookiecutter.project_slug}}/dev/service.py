"""The service in development: all process types, restarted together when the code changes."""

import os
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

from deploy.refusal import FAILED, Refusal
from dev import running
from dev.output import Output, say
from dev.processes import Processes, read_procfile
from dev.redis_server import redis_server
from dev.supervisor import WEB, Supervisor


def run_service(environ: dict[str, str], as_json: bool) -> int:
    """Run the service until a signal, or until its first start fails; return the exit status."""
    commands = read_procfile()
    port = read_port(environ)
    if WEB in commands:
        check_port(port)
    with ExitStack() as stack:
        if running.given_redis(environ):
            say("Redis: the one that REDIS_URL names")
        else:
            environ = environ | {"REDIS_URL": stack.enter_context(redis_server())}
        stack.enter_context(running.announced(environ))
        environs = assign_ports(commands, environ, port)
        processes = Processes(commands, environs, Output(commands, as_json))
        return Supervisor(processes, port).run()


def read_port(environ: Mapping[str, str]) -> int:
    """Return the port of the web process, or 0 if it is invalid, which the service reports."""
    text = environ.get("PORT") or "8000"
    return int(text) if re.fullmatch("[0-9]{1,5}", text) and int(text) < 65536 else 0


def assign_ports(
    types: Iterable[str], environ: dict[str, str], port: int
) -> dict[str, dict[str, str]]:
    """Return the environment of each process type, with ports 100 apart: web has PORT itself."""
    step = 100 if port < 60000 else -100
    others = [name for name in types if name != WEB]
    ports = {name: port + step * place for place, name in enumerate(others, 1) if port}
    return {name: environ | ({"PORT": str(ports[name])} if name in ports else {}) for name in types}


def check_port(port: int) -> None:
    """Raise Refusal if a port is in use."""
    try:
        socket.create_server(("", port)).close()
    except OSError as error:
        remedy = "stop the other server, or set PORT in config/development.env"
        reason = os.strerror(error.errno or 0).lower()
        raise Refusal(FAILED, f"port {port}: {reason}", remedy) from None
