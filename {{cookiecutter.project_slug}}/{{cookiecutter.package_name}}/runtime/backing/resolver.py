"""Names of servers, resolved within a time limit; getaddrinfo() has none of its own."""

import os
import socket
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from threading import Lock, Thread

Name = tuple[str, int]


class Resolver:
    """Resolver with one lookup of a name at a time, which remembers the last addresses."""

    def __init__(self) -> None:
        self.known: dict[Name, list[str]] = {}
        self.forget_lookups()
        # No thread of the parent runs in a forked process.
        os.register_at_fork(after_in_child=self.forget_lookups)

    def forget_lookups(self) -> None:
        """Start the next lookup of every name anew."""
        self.lock = Lock()
        self.lookups: dict[Name, Future[list[str]]] = {}

    def resolve(self, host: str, port: int, seconds: float) -> list[str]:
        """Return the addresses of a name, or the last known ones; raises OSError."""
        name = (host, port)
        try:
            return self.look_up(name).result(seconds)
        except (OSError, FutureTimeoutError) as error:
            if name in self.known:
                return self.known[name]
            if isinstance(error, FutureTimeoutError):
                raise TimeoutError(f"no answer of a name server for {host}") from None
            raise

    def look_up(self, name: Name) -> Future[list[str]]:
        """Return the running lookup of a name, or a new one."""
        with self.lock:
            if name not in self.lookups:
                self.lookups[name] = Future()
                # A daemon: its wait delays no stop.
                Thread(target=self.run, args=(name, self.lookups[name]), daemon=True).start()
            return self.lookups[name]

    def run(self, name: Name, lookup: Future[list[str]]) -> None:
        """Look a name up, and end the lookup."""
        try:
            found = socket.getaddrinfo(*name, type=socket.SOCK_STREAM)
            self.known[name] = list(dict.fromkeys(str(address[0]) for *_, address in found))
            lookup.set_result(self.known[name])
        except Exception as error:  # noqa: BLE001  # raised where the lookup is awaited
            lookup.set_exception(error)
        finally:
            with self.lock:
                self.lookups.pop(name, None)


resolver = Resolver()
