"""What can happen to Redis, and how an instance of the service has to say so."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from tests.factors.support.backing import Backing


class Fault(NamedTuple):
    """Something that happens for a while, the error that the log names, and what /readyz answers."""

    happens: Callable[[Backing], AbstractContextManager[None]]
    error: str
    ready: int


@contextmanager
def stopped(backing: Backing) -> Iterator[None]:
    """Stop the server in order, and start it again."""
    backing.stop()
    yield
    backing.start()


@contextmanager
def killed(backing: Backing) -> Iterator[None]:
    """Let the server crash, and start it again."""
    backing.kill()
    yield
    backing.start()


@contextmanager
def silent(backing: Backing) -> Iterator[None]:
    """Let something take its place that accepts connections and never answers."""
    backing.stop()
    with socket.create_server(("127.0.0.1", backing.port)):
        yield
    backing.start()


def between(begin: str, end: str) -> Callable[[Backing], AbstractContextManager[None]]:
    """Return a fault that a command to the server begins and another one ends."""

    @contextmanager
    def happens(backing: Backing) -> Iterator[None]:
        with backing.client() as redis:
            redis.execute_command(*begin.split())
            redis.client_kill_filter(_type="normal", skipme=True)
            yield
            redis.execute_command(*end.split())

    return happens


other_password = between("ACL SETUSER default resetpass >other", "ACL SETUSER default nopass")
out_of_memory = between("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0")
read_only = between("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")
no_permission = between("ACL SETUSER default -@write", "ACL SETUSER default +@all")

FAULTS = {
    "stopped": Fault(stopped, "ConnectionError", 503),
    "killed": Fault(killed, "ConnectionError", 503),
    "frozen": Fault(Backing.frozen, "TimeoutError", 503),
    "never answering": Fault(silent, "TimeoutError", 503),
    "wrong password": Fault(other_password, "AuthenticationError", 503),
    # It answers, so an instance is ready; but it refuses to count.
    "out of memory": Fault(out_of_memory, "OutOfMemoryError", 200),
    "read-only": Fault(read_only, "ReadOnlyError", 200),
    "no permission": Fault(no_permission, "NoPermissionError", 200),
}
