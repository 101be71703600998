"""Fail unless this instance is ready. The image runs it every few seconds, so it imports little: python -I -S."""

import os
import socket
import sys

BUDGET = 2  # seconds for each wait
ANSWER = b"HTTP/1.1 200 "


def status_line(port: int) -> bytes:
    """Return the start of the answer to a probe of readiness; raises OSError."""
    with socket.create_connection(("127.0.0.1", port), BUDGET) as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while len(answer) < len(ANSWER) and (more := connection.recv(len(ANSWER))):
            answer += more
        return answer[: len(ANSWER)]


def main() -> int:
    """Return 0 if the service says that it is ready in time, else 1."""
    try:
        return int(status_line(int(os.environ.get("PORT") or 8000)) != ANSWER)
    except OSError as error:
        print(f"not ready: {error}", file=sys.stderr)  # noqa: T201  # what `docker inspect` shows
        return 1


if __name__ == "__main__":
    sys.exit(main())
