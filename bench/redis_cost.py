"""Measure what connections and commands cost one core of Redis, from its own counters."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from redis import Redis

COMMANDS = 200_000
# All instances of a fleet ask at once, but no more than this are in one turn of the server.
IN_FLIGHT = 1_000
INCREMENT = b"*2\r\n$4\r\nINCR\r\n$3\r\nhot\r\n"


class Cost(NamedTuple):
    """Cost of a number of connections: CPU in µs of the server, memory in bytes."""

    connections: int
    cpu_of_command: float
    cpu_of_connection: float
    bytes_of_connection: float


def read_cpu(redis: Redis) -> float:
    """Return the CPU time of the server in µs, user and system."""
    info = redis.info("cpu")
    return float(info["used_cpu_user"] + info["used_cpu_sys"]) * 1e6


@contextmanager
def connect(port: int, number: int) -> Iterator[list[socket.socket]]:
    """Yield connections that have each been answered once."""
    with ExitStack() as stack:
        found = []
        for _ in range(number):
            sock = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            sock.sendall(b"PING\r\n")
            assert sock.recv(64) == b"+PONG\r\n"
            found.append(sock)
        yield found


def increment(sockets: list[socket.socket], commands: int) -> int:
    """Send commands on all connections in turn, and return how many were answered."""
    answered = 0
    while answered < commands:
        for start in range(0, len(sockets), IN_FLIGHT):
            turn = sockets[start : start + IN_FLIGHT]
            for sock in turn:
                sock.sendall(INCREMENT)
            for sock in turn:
                assert sock.recv(64).startswith(b":")
            answered += len(turn)
    return answered


def measure_cost(redis: Redis, connections: int) -> Cost:
    """Measure with a number of connections, which need as many descriptors."""
    port = redis.connection_pool.connection_kwargs["port"]
    memory, before = redis.info("memory")["used_memory"], read_cpu(redis)
    with connect(port, connections) as sockets:
        connected = read_cpu(redis)
        held = redis.info("memory")["used_memory"] - memory
        answered = increment(sockets, COMMANDS)
        command = (read_cpu(redis) - connected) / answered
    return Cost(
        connections, command, (connected - before) / connections, max(held, 0) / connections
    )
