"""Strict readers for the values of settings: each takes the text of a variable and returns it typed.

Each raises ValueError with what was expected, and never with the value: it may be a secret.
"""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

# The sample configurations hold this wherever a deploy needs a value of its own.
PLACEHOLDER = "replace-me"
UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SCHEMES = ("redis", "rediss", "unix")
# Anything else in the URL could lift the time limits or the verification of certificates.
REDIS_OPTIONS = {"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}


def integer(text: str, least: int, most: int) -> int:
    """Read a whole number between two bounds, both included."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"a whole number from {least} to {most}")
    return int(text)


def port(text: str) -> int:
    """Read a TCP port."""
    return integer(text, 1, 65535)


def count(text: str) -> int:
    """Read a number of processes or threads."""
    return integer(text, 1, 1000)


def hops(text: str) -> int:
    """Read a number of proxies."""
    return integer(text, 0, 10)


def seconds(text: str) -> float:
    """Read a duration such as `0.5`, `500ms`, `20s` or `2m`, in seconds when it names no unit."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(ms|s|m|)", text)
    duration = float(match[1]) * UNITS[match[2]] if match else 0.0
    if not 0.001 <= duration <= 3600:
        raise ValueError("a duration from 1ms to 60m, such as 0.5, 500ms or 20s")
    return duration


def log_level(text: str) -> str:
    """Read the name of a log level, in any case."""
    if text.upper() not in LOG_LEVELS:
        raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
    return text.upper()


def release(text: str) -> str:
    """Read a release id: what git and image tags both allow."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", text):
        raise ValueError("at most 128 letters, digits, dots, dashes and underscores")
    return text


def key_prefix(text: str) -> str:
    """Read what the names of Redis keys start with; it has no pattern characters, so it stands for itself."""
    if not re.fullmatch(r"[A-Za-z0-9._:/-]{1,100}", text):
        raise ValueError("at most 100 letters, digits and . _ : / -")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Read host names separated by commas; a leading dot includes subdomains."""
    names = [name.strip().lower() for name in text.split(",")] if text else []
    if not all(re.fullmatch(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name) for name in names):
        raise ValueError("host names separated by commas, such as shop.example.com,.example.org")
    return tuple(names)


def secret_key(text: str) -> str:
    """Read a key that signs cookies."""
    if len(text) < 32 or PLACEHOLDER in text:
        raise ValueError("32 random characters or more, such as `openssl rand -base64 48` prints")
    return text


def secret_keys(text: str) -> tuple[str, ...]:
    """Read keys separated by commas."""
    return tuple(secret_key(key.strip()) for key in text.split(",")) if text else ()


def redis_url(text: str) -> str:
    """Read the handle of a Redis server, with its certificates verified."""
    try:
        parts = urlsplit(text)
        place = parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0
    except ValueError:
        place = None
    if not place or parts.scheme not in SCHEMES:
        raise ValueError(
            "redis://[user:password@]host[:port][/database], rediss://… for TLS, or unix:///path; "
            "a Sentinel or Cluster handle is not supported"
        )
    if parts.scheme != "unix" and not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        raise ValueError("a database number as the path of the URL")
    if {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)} - REDIS_OPTIONS:
        raise ValueError(f"no options in the URL but {', '.join(sorted(REDIS_OPTIONS))}")
    if PLACEHOLDER in unquote(text):
        raise ValueError(f"a value of your own in place of {PLACEHOLDER!r}")
    return text
