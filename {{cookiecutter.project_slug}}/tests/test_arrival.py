"""Arrival of requests: what the worker concludes from the bytes in a socket."""

import socket
from types import SimpleNamespace

import pytest

from {{ cookiecutter.package_name }}.runtime.server import arrival

from tests.support.service import eventually

HALVES = [
    b"G",
    b"GET / HTTP/1.1\r\nHost: a\r\n",
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",
]


@pytest.mark.parametrize("half", HALVES)
def test_every_check_of_half_a_request_sees_that_the_client_has_closed(half):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        conn = SimpleNamespace(sock=listener.accept()[0], parser=None)
    with client, conn.sock:
        client.sendall(half)
        eventually(lambda: conn.sock.recv(100, socket.MSG_PEEK) == half)
        assert not arrival.has_arrived(conn)
        client.shutdown(socket.SHUT_WR)
        eventually(lambda: arrival.has_arrived(conn))

        assert arrival.has_arrived(conn)


@pytest.mark.parametrize(
    ("data", "complete"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\nab", True),  # too large to wait for
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /", True),
    ],
)
def test_a_request_is_complete_with_its_body_whatever_follows(data, complete):
    assert arrival.is_complete(data) is complete
