"""Request context: the request id, the trace of W3C Trace Context, and the address of the client."""

import random
import re
from functools import lru_cache
from ipaddress import ip_address
from wsgiref.types import WSGIEnvironment

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?P<span_id>(?!0{16})[0-9a-f]{16})"
    r"-[0-9a-f]{2}(?:-.*)?"
)
# IPv4 with a port, IPv6 in brackets with a port, or IPv6 in brackets
WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([^\]]+)\](?::[0-9]+)?")


def context(environ: WSGIEnvironment) -> dict[str, str]:
    """Return the log fields of a request: its id, sent or new, and its trace."""
    request_id = environ.get("HTTP_X_REQUEST_ID")
    if not request_id or not REQUEST_ID.fullmatch(request_id):
        request_id = f"{random.getrandbits(128):032x}"  # no secret, so no secure random number
    fields = {"request_id": request_id}
    trace = environ.get("HTTP_TRACEPARENT")
    if trace and (match := TRACEPARENT.fullmatch(trace)):
        fields |= match.groupdict()
    return fields


def decode(text: str) -> str:
    """Return a text of WSGI, whose characters are bytes, as UTF-8."""
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def client_address(environ: WSGIEnvironment) -> str:
    """Return the address of the client: of the peer, if a trusted proxy sends none."""
    peer = environ.get("werkzeug.proxy_fix.orig", environ)
    return address(environ.get("REMOTE_ADDR", "")) or address(peer.get("REMOTE_ADDR", ""))


@lru_cache
def address(text: str) -> str:
    """Return an IP address without port and zone, or an empty text if it is none."""
    match = WITH_PORT.fullmatch(text)
    try:
        ip = ip_address(((match[1] or match[2]) if match else text).partition("%")[0])
    except ValueError:
        return ""
    # A socket for IPv6 and IPv4 maps the address of an IPv4 client.
    return str(getattr(ip, "ipv4_mapped", None) or ip)
