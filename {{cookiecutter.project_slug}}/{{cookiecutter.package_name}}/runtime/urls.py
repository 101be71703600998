"""Strict parsers of URLs; none repeats a URL in its ValueError, because it may hold a password."""

import re
import ssl
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from redis import ConnectionPool
from redis.connection import parse_url

from . import group_url
from .parsers import PLACEHOLDER

REDIS_SCHEMES = ("redis", "rediss", "unix")
# Other options of the URL could lift the time limits or the verification of certificates.
REDIS_OPTIONS = {"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


def server_url(*schemes: str) -> Callable[[str], str]:
    """Return a parser of URLs of a server with one of these schemes."""

    def parse(text: str) -> str:
        parts = split(text)
        if not parts or not parts.hostname or parts.scheme not in schemes:
            forms = " or ".join(f"{scheme}://[user:password@]host[:port]/…" for scheme in schemes)
            raise ValueError(f"expected {forms}")
        refuse_placeholder(text)
        return text

    return parse


def redis_url(text: str) -> str:
    """Parse the URL of a Redis server, or of a group of them; certificates are always verified."""
    if group := group_url.parse(text):
        if not all(is_address(host) for host, _ in group.hosts):
            raise ValueError("expected host names or IP addresses")
        redis_url(group.url)
        if group.is_cluster and parse_url(group.url).get("db"):
            raise ValueError("expected database 0 in the URL of a cluster, which has no other")
        return text
    parts = split(text)
    place = parts and (parts.path if parts.scheme == "unix" else parts.hostname)
    schemes = tuple(f"{scheme}://" for scheme in REDIS_SCHEMES)  # redis-py knows no capitals
    if not parts or not place or not text.startswith(schemes):
        raise ValueError(
            "expected redis://[user:password@]host[:port][/database], unix:///path, "
            "redis+sentinel://…host:port,host:port/service[/database], "
            "redis+cluster://…host:port,host:port, or one with rediss for TLS"
        )
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        raise ValueError("expected a database number as the path of the URL")
    if {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - REDIS_OPTIONS:
        raise ValueError(f"expected no options in the URL but {', '.join(sorted(REDIS_OPTIONS))}")
    refuse_placeholder(text)
    make_connection(text)
    return text


def make_connection(text: str) -> None:
    """Make a connection as the client does, without connecting; raises ValueError."""
    try:
        pool = ConnectionPool.from_url(text)
        pool.make_connection()
    except (TypeError, ValueError):
        expected = "a database number as db, and TLS files with rediss:// only"
        raise ValueError(f"expected {expected}") from None
    options = pool.connection_kwargs
    if not is_address(options.get("host") or options["path"]):
        raise ValueError("expected a host name, an IP address or an absolute path in the URL")
    load_tls_files(options)


def is_address(place: str) -> bool:
    """Return True for a path, or for a host in the form that getaddrinfo() accepts."""
    try:
        return place.isprintable() and bool(place.startswith("/") or place.encode("idna"))
    except UnicodeError:
        return False


def load_tls_files(options: Mapping[str, Any]) -> None:
    """Read the files of the TLS options; raises ValueError."""
    context = ssl.create_default_context()
    certificate, key = options.get("ssl_certfile", ""), options.get("ssl_keyfile")
    try:
        if "ssl_ca_certs" in options:
            name = "ssl_ca_certs"
            context.load_verify_locations(options[name])
        if certificate or key:
            name = "ssl_certfile and ssl_keyfile"
            context.load_cert_chain(certificate, key, password="")  # else it would prompt
    except (OSError, ValueError):
        raise ValueError(f"expected a readable PEM file as {name}") from None


def split(text: str) -> SplitResult | None:
    """Return the parts of a URL, or None if it or its port is malformed."""
    try:
        parts = urlsplit(text)
        return None if parts.port == 0 else parts
    except ValueError:
        return None


def refuse_placeholder(text: str) -> None:
    """Refuse a URL with the placeholder of the samples; raises ValueError."""
    if PLACEHOLDER in unquote(text):
        raise ValueError(f"expected your own value instead of the placeholder {PLACEHOLDER!r}")
