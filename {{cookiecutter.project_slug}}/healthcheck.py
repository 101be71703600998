"""Fail unless this instance is ready. The image runs it every few seconds, so it imports little: python -I -S."""

import os
import socket
import sys

TIMEOUT_SECONDS = 2  # for each wait
READY = b"HTTP/1.1 200 "


def status_line(port: int) -> bytes:
    """Return the start of the response to GET /readyz; raises OSError."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        start = b""
        while len(start) < len(READY) and (more := connection.recv(len(READY))):
            start += more
        return start[: len(READY)]


def main() -> int:
    """Return 0 if the service is ready, else 1."""
    try:
        return int(status_line(int(os.environ.get("PORT") or 8000)) != READY)
    except OSError as error:
        print(f"not ready: {error}", file=sys.stderr)  # noqa: T201  # what `docker inspect` shows
        return 1


if __name__ == "__main__":
    sys.exit(main())
