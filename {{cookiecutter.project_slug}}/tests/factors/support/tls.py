"""TLS in front of a plain server, so that it can be proved with any server."""

import socket
from contextlib import suppress
from datetime import UTC, datetime
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLSocket
from typing import Any

from trustme import CA, LeafCert

HOST = "127.0.0.1"


def certificates(authority: CA) -> dict[str, LeafCert]:
    """Return a certificate that may be trusted, and those that may not, by what is wrong with them."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    return {
        "good": authority.issue_cert(HOST),
        "expired": authority.issue_cert(HOST, not_before=past, not_after=past.replace(year=2021)),
        "another host's": authority.issue_cert("redis.example.com"),
        "unknown": CA().issue_cert(HOST),
    }


class Endpoint(ThreadingTCPServer):
    """A TLS server on a free port, which passes everything on to a plain one and back."""

    daemon_threads = True

    def __init__(self, target: int, certificate: LeafCert) -> None:
        super().__init__((HOST, 0), BaseRequestHandler)
        self.target, self.certificate = target, certificate

    @property
    def port(self) -> int:
        """Return the port."""
        return int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection until either side ends it; a client may refuse the certificate."""
        context = SSLContext(PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(context)
        with (
            suppress(OSError),
            context.wrap_socket(request, server_side=True) as near,
            socket.create_connection((HOST, self.target)) as far,
        ):
            while pipe(near, far):
                pass


def pipe(near: SSLSocket, far: socket.socket) -> bool:
    """Pass on what has arrived at either side, and tell whether both are still there."""
    for side in [near] if near.pending() else select([near, far], [], [])[0]:
        data = side.recv(65536)
        (far if side is near else near).sendall(data)
        if not data:
            return False
    return True
