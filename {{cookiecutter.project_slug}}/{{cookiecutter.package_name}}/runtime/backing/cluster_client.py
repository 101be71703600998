"""Client of a cluster with the deadline, retries and circuit breaker of a single server."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from redis import BlockingConnectionPool, ConnectionError, RedisError, ResponseError
from redis.cluster import ClusterNode, RedisCluster
from redis.commands import RedisClusterCommands
from redis.exceptions import ClusterError, RedisClusterException

from ..group_url import GroupURL
from .attempts import UNREACHABLE, Attempts
from .circuit import CircuitBreaker
from .cluster_nodes import NodeConnection, NodeTLSConnection, RoutedCluster, budget


class ResilientCluster(Attempts, RedisClusterCommands):
    """Client of a cluster, whose stock RedisCluster is made by the first command.

    RedisCluster connects in its constructor, and its errors derive from Exception:
    https://github.com/redis/redis-py/issues/3311. Delete this class when neither is true.
    """

    _event_dispatcher: Any  # of the stock client

    def __init__(
        self,
        make: Callable[[], RedisCluster],
        timeout: float,
        circuit: CircuitBreaker | None = None,
        resend: bool = False,
    ) -> None:
        super().__init__(timeout, circuit, resend)
        self.make = make
        self.at_least_once: ResilientCluster = (
            self if resend else ResilientCluster(make, timeout, self.circuit, resend=True)
        )

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the stock client, such as pipeline()."""
        return getattr(self.make(), name)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send a command; raises ConnectionError or TimeoutError when the cluster does not answer."""
        with budget.limit(self.timeout * 3 / 4):
            return self.attempt(partial(self.send, *args, **options))

    def send(self, *args: Any, **options: Any) -> Any:
        """Send a command once; raises RedisError."""
        budget.start()
        cluster = self.make()
        try:
            return cluster.execute_command(*args, **options)
        except RedisClusterException as error:
            if isinstance(error.__context__, RedisError):  # none of the nodes named the others
                raise unreachable(error) from error
            raise ResponseError(f"{args[0]} has no key, or keys of several slots") from error
        except ClusterError as error:
            raise ConnectionError(f"redirected too often: {error}") from error

    def check(self) -> None:
        """Ask every primary, because each may hold keys; raises ConnectionError if one sees no cluster."""
        found = self.execute_command("CLUSTER INFO", target_nodes=RedisCluster.PRIMARIES)
        states = [found] if "cluster_state" in found else found.values()
        if any(state["cluster_state"] != "ok" for state in states):
            # It answers PING meanwhile.
            raise ConnectionError("CLUSTERDOWN The cluster is down")


def unreachable(error: RedisClusterException) -> RedisError:
    """Return the error that a single server would cause, with the notes on the command."""
    cause = error.__cause__
    if isinstance(cause, RedisClusterException):  # a node that refused to name the others
        return ResponseError(str(cause.__context__))
    kind = type(cause) if isinstance(cause, UNREACHABLE) else ConnectionError
    found = kind(str(cause or error).partition("\n")[0])  # the rest may hold the command
    for note in getattr(error.__context__, "__notes__", ()):
        found.add_note(note)
    return found


def maker(group: GroupURL, options: dict[str, Any]) -> Callable[[], RedisCluster]:
    """Return a function that makes the stock client once, and again after a failure."""
    secure = group.url.startswith("rediss:")
    url = group.url.replace("rediss:", "redis:", 1)  # the class of connections of a URL would win

    @cache
    def make() -> RedisCluster:
        try:
            return RoutedCluster(
                url=url,
                startup_nodes=[ClusterNode(*address) for address in group.hosts[1:]],
                dynamic_startup_nodes=False,  # the URL names the cluster, whatever its addresses become
                connection_class=NodeTLSConnection if secure else NodeConnection,
                connection_pool_class=BlockingConnectionPool,
                **options,
            )
        except RedisClusterException as error:
            raise unreachable(error) from error
        except UNREACHABLE as error:  # it may say that a command of the constructor was sent
            raise type(error)(str(error)) from error

    return make
