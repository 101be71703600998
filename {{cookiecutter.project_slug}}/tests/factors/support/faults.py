"""Faults of Redis, with the error that the log names and the status of /readyz meanwhile."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from tests.factors.support.backing import Backing


class Fault(NamedTuple):
    """A fault that lasts as long as its context, and its symptoms."""

    inject: Callable[[Backing], AbstractContextManager[None]]
    error: str
    readyz_status: int

    @property
    def message(self) -> str:
        """Return the message of the event."""
        return "redis unavailable" if self.readyz_status == 503 else "redis refused a command"


@contextmanager
def stop(backing: Backing) -> Iterator[None]:
    """Shut the server down, then start it again."""
    backing.stop()
    yield
    backing.start()


@contextmanager
def crash(backing: Backing) -> Iterator[None]:
    """Kill the server, then start it again."""
    backing.kill()
    yield
    backing.start()


@contextmanager
def never_answer(backing: Backing) -> Iterator[None]:
    """Replace the server by a listener that accepts connections and never answers."""
    backing.stop()
    with socket.create_server(("127.0.0.1", backing.port)):
        yield
    backing.start()


def by_commands(begin: str, end: str) -> Callable[[Backing], AbstractContextManager[None]]:
    """Return a fault that one Redis command begins and another ends."""

    @contextmanager
    def inject(backing: Backing) -> Iterator[None]:
        with backing.client() as redis:
            redis.execute_command(*begin.split())
            redis.client_kill_filter(_type="normal", skipme=True)
            yield
            redis.execute_command(*end.split())

    return inject


@contextmanager
def replace_keys(backing: Backing) -> Iterator[None]:
    """Replace every key by a list."""
    with backing.client() as redis:
        names = [name for name in redis.keys("*") if redis.renamenx(name, f"kept:{name}")]
        for name in names:
            redis.rpush(name, "item")
        yield
        for name in names:
            redis.rename(f"kept:{name}", name)


change_password = by_commands("ACL SETUSER default resetpass >other", "ACL SETUSER default nopass")
fill_memory = by_commands("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0")
make_read_only = by_commands("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE")
deny_writes = by_commands("ACL SETUSER default -@write", "ACL SETUSER default +@all")

FAULTS = {
    "stopped": Fault(stop, "ConnectionError", 503),
    "killed": Fault(crash, "ConnectionError", 503),
    "frozen": Fault(Backing.freeze, "TimeoutError", 503),
    "never answering": Fault(never_answer, "TimeoutError", 503),
    "wrong password": Fault(change_password, "AuthenticationError", 503),
    # Redis answers PING, so the instance stays ready, but it refuses to count.
    "out of memory": Fault(fill_memory, "OutOfMemoryError", 200),
    "read-only": Fault(make_read_only, "ReadOnlyError", 200),
    "no permission": Fault(deny_writes, "NoPermissionError", 200),
    "a key of another type": Fault(replace_keys, "ResponseError", 200),
}
