"""TLS proxy in front of a plain Redis server, with valid and invalid certificates."""

import socket
from contextlib import suppress
from datetime import UTC, datetime
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLSocket
from typing import Any

from trustme import CA, LeafCert

HOST = "127.0.0.1"


def issue_certificates(authority: CA) -> dict[str, LeafCert]:
    """Return one valid certificate, and the invalid ones by their defect."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    return {
        "good": authority.issue_cert(HOST),
        "expired": authority.issue_cert(HOST, not_before=past, not_after=past.replace(year=2021)),
        "another host's": authority.issue_cert("redis.example.com"),
        "unknown": CA().issue_cert(HOST),
    }


class TLSProxy(ThreadingTCPServer):
    """TLS server on a free port that forwards to a plain TCP server."""

    daemon_threads = True

    def __init__(self, target: int, certificate: LeafCert) -> None:
        super().__init__((HOST, 0), BaseRequestHandler)
        self.target, self.certificate = target, certificate

    @property
    def port(self) -> int:
        """Return the TCP port of the proxy."""
        return int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Forward a connection until either side closes; a failed handshake ends it, too."""
        context = SSLContext(PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(context)
        with (
            suppress(OSError),
            context.wrap_socket(request, server_side=True) as near,
            socket.create_connection((HOST, self.target)) as far,
        ):
            while forward(near, far):
                pass


def forward(near: SSLSocket, far: socket.socket) -> bool:
    """Forward data that arrived at either side; return True while both sides are open."""
    for side in [near] if near.pending() else select([near, far], [], [])[0]:
        data = side.recv(65536)
        (far if side is near else near).sendall(data)
        if not data:
            return False
    return True
