"""Requests that attack the log, and malformed requests that carry a secret."""

import socket
from contextlib import suppress

from tests.support.service import Service

FORGED_EVENT = b'{"message":"request","forged":true}'
# Line breaks that forge an event, terminal escapes, and text that is not HTTP.
LOG_ATTACKS = [
    b"GET /%0a" + FORGED_EVENT + b"%0d%0a%1b[31m%08%7f%00 HTTP/1.1",
    b"GET /%e2%80%a8" + FORGED_EVENT + b"%c2%85%ff HTTP/1.1",
    b"GET / HTTP/1.1\r\nUser-Agent: \xe2\x80\xa8" + FORGED_EVENT + b"\xc2\x85\xff",
    b"GET / HTTP/1.1\r\nX-Request-ID: \xe2\x80\xa8" + FORGED_EVENT,
    b"GET / HTTP/1.1\r\ntraceparent: 00-" + FORGED_EVENT,
    b"GET / HTTP/1.1\r\nUser-Agent: \x1b[31m\x08\x7f",
    b"GET / HTTP/1.1\r\nAccept: \n" + FORGED_EVENT,
    b"G\x1b[31mT / HTTP/1.1",
    b"GET / HTTP/9.9\n" + FORGED_EVENT,
    FORGED_EVENT + b"\n\x1b[31m",
]
MALFORMED_WITH_SECRET = [
    b"GET / HTTP/1.1\r\nAuthorization Bearer canary",
    b"GET / HTTP/1.1\r\nCookie session=canary: x",
    b"GET / HTTP/1.1\r\nCookie : session=canary",
    b"GET / HTTP/1.1\r\nCookie: session=\0canary",
    b"GET / HTTP/1.1\r\nAuthorization: Bearer\r\n canary",
]
# Request that gunicorn answers itself, or whose body it cannot read -> status.
REFUSALS = {
    b"not HTTP": 400,
    b"GET / HTTP/9.9": 400,
    b"GET / HTTP/1.1\r\nNo header": 400,
    b"POST /gate/body HTTP/1.1\r\nContent-Length: few": 400,
    b"POST /gate/body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n0": 400,
    b"GET /" + b"a" * 9000 + b" HTTP/1.1": 414,
    b"GET / HTTP/1.1\r\nExpect: miracles": 417,
    b"GET / HTTP/1.1\r\nA: " + b"a" * 9000: 431,
    b"GET / HTTP/1.1\r\n" + b"\r\n".join([b"A: a"] * 200): 431,
    b"GET /gate/outside HTTP/1.1": 500,
    b"GET /gate/stream HTTP/1.1": 500,
    b"GET /gate/exit HTTP/1.1": 500,
}


def send_raw(service: Service, request: bytes) -> bytes:
    """Send bytes unchanged, and return the response up to the close of the connection."""
    response = b""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionResetError):  # the server closes with unread data, which sends RST
            while chunk := connection.recv(65536):
                response += chunk
    return response
