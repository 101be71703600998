"""Strict parsers of URLs; none repeats a URL in its ValueError, because it may hold a password."""

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

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
    """Parse the URL of a Redis server; certificates are always verified."""
    parts = split(text)
    place = parts and (parts.path if parts.scheme == "unix" else parts.hostname)
    if not parts or not place or parts.scheme not in REDIS_SCHEMES:
        raise ValueError(
            "expected redis://[user:password@]host[:port][/database], rediss://… for TLS, or unix:///path; "
            "a Sentinel or Cluster URL is not supported"
        )
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        raise ValueError("expected a database number as the path of the URL")
    if {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - REDIS_OPTIONS:
        raise ValueError(f"expected no options in the URL but {', '.join(sorted(REDIS_OPTIONS))}")
    refuse_placeholder(text)
    return text


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
