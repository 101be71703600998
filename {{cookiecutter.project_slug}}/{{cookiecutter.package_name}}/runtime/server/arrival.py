"""Arrival of requests: a connection gets a thread only when its whole request waits in its socket.

gunicorn reads requests in its threads, without a deadline: eight slow clients occupy eight threads.
Delete this module when https://github.com/benoitc/gunicorn/issues/2652 has led to one.
"""

import re
import socket
import struct
from contextlib import suppress
from typing import Any

SECONDS = 10  # for a whole request, and for each wait of a thread for a larger one
HEAD_BYTES, BODY_BYTES = 32_768, 65_536  # a larger head or body is read in a thread
PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
LAST_CHUNK = re.compile(rb"(?:^|\r\n)0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n")  # with trailers
EXPECT = re.compile(rb"\r\nexpect:", re.IGNORECASE)


def limit(sock: socket.socket) -> None:
    """Limit each wait of a thread for the client, in sending as in receiving (socket(7))."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", SECONDS, 0))


def has_arrived(conn: Any) -> bool:
    """Return True if a thread need not wait for the request, else poll for more bytes of it."""
    buffered = conn.parser.unreader.buf.getvalue() if conn.parser else b""
    expected = getattr(conn, "expected_bytes", 1)
    try:
        waiting = conn.sock.recv(HEAD_BYTES + BODY_BYTES, PEEK)
    except BlockingIOError:
        conn.has_part = not is_complete(buffered)
        return not conn.has_part
    except OSError:
        return True
    is_whole = is_complete(buffered + waiting)
    # Readable with fewer bytes than expected: the client has closed its side. It stays so.
    conn.has_part = not is_whole and len(waiting) >= expected
    conn.expected_bytes = 1 if is_whole else max(expected, len(waiting) + 1)
    if conn.expected_bytes != expected:
        # Readable again only with another byte
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, conn.expected_bytes)
    return not conn.has_part


def discard_part(conn: Any) -> bool:
    """Return True if a part of a request has arrived, and discard it: unread, it would send RST."""
    if getattr(conn, "has_part", False):
        with suppress(OSError):
            conn.sock.recv(HEAD_BYTES + BODY_BYTES, socket.MSG_DONTWAIT)
    return getattr(conn, "has_part", False)


def is_complete(data: bytes) -> bool:
    """Return True if data begins with a whole request, or with one that is too large to wait for."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return len(data) >= HEAD_BYTES
    head += b"\r\n"
    if EXPECT.search(head) or len(body) >= BODY_BYTES:
        return True
    if CHUNKED.search(head):
        return bool(LAST_CHUNK.search(body))
    length = LENGTH.search(head)
    return length is None or int(length[1]) > BODY_BYTES or len(body) >= int(length[1])
