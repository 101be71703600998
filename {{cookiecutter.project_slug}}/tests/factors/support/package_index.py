"""Package index that lists one package: a server of plain HTTP or TLS, which is a proxy, too."""

from base64 import b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

from trustme import LeafCert

HOST = "127.0.0.1"
PACKAGE, WHEEL = "shouty", "shouty-1.0-py3-none-any.whl"
# A client that reads the metadata does not download the wheel.
PAGE = f'<a href="{WHEEL}#sha256={"0" * 64}" data-dist-info-metadata="true">{WHEEL}</a>'
METADATA = f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n"
USER, PASSWORD = "shop", "pa55w0rd"
CREDENTIALS = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class PackageIndex(ThreadingHTTPServer):
    """Server on a free port that records its requests: path or URL, and whether credentials came."""

    def __init__(self, certificate: LeafCert | None = None) -> None:
        super().__init__((HOST, 0), Handler)
        self.asked = dict[str, bool]()
        self.scheme = "https" if certificate else "http"
        if certificate:
            context = SSLContext(PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """Return the URL with credentials, without a path."""
        return f"{self.scheme}://{USER}:{PASSWORD}@{HOST}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that refuse the certificate."""


class Handler(BaseHTTPRequestHandler):
    """Handler of the requests of one client."""

    server: PackageIndex

    def do_GET(self) -> None:
        """Send the page of the package, or its metadata."""
        names = ("Authorization", "Proxy-Authorization")
        self.server.asked[self.path] = CREDENTIALS in map(self.headers.get, names)
        if self.path.endswith(f"/{PACKAGE}/"):
            self.send(PAGE, "text/html")
        elif self.path.endswith(".metadata"):
            self.send(METADATA, "text/plain")
        else:
            self.send_error(404)

    def send(self, text: str, content_type: str) -> None:
        """Send a response."""
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""
