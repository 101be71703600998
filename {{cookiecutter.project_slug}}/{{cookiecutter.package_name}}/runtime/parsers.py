"""Strict parsers of settings: each takes the text of a variable and returns it typed.

Each raises ValueError with the expected form, and never with the value: it may be a secret. Other bounds are
a `partial()` away: `cache_lifetime: float = setting(partial(parsers.seconds, least=60), "2h", "…")`.
"""

import re
from functools import partial

# Placeholder of the sample configurations, refused everywhere.
PLACEHOLDER = "replace-me"
UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}  # in seconds
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def integer(text: str, least: int, most: int) -> int:
    """Parse a whole number between two inclusive bounds."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ValueError(f"expected a whole number from {least} to {most}")
    return int(text)


port = partial(integer, least=1, most=65535)
count = partial(integer, least=1, most=1000)  # of processes or threads
hops = partial(integer, least=0, most=10)  # over proxies


def seconds(text: str, least: float = 0.001, most: float = 365 * UNITS["d"]) -> float:
    """Parse a duration such as `0.5`, `500ms`, `20s` or `2h`; seconds without a unit."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(ms|[smhd]?)", text)
    duration = float(match[1]) * UNITS[match[2] or "s"] if match else -1.0
    if not least <= duration <= most:
        bounds = f"from {spell(least)} to {spell(most)}"
        raise ValueError(f"expected a duration {bounds}, in {', '.join(UNITS)}, such as 20s")
    return duration


def spell(duration: float) -> str:
    """Return a duration in the largest unit of which it is a multiple."""
    units = (unit for unit, size in UNITS.items() if size <= duration and not duration % size)
    unit = next(units, "s")
    return f"{duration / UNITS[unit]:g}{unit}"


timeout = partial(seconds, most=UNITS["m"])
period = partial(seconds, most=UNITS["h"])
delay = partial(seconds, least=0, most=UNITS["h"])


def log_level(text: str) -> str:
    """Parse the name of a log level, in any case."""
    if text.upper() not in LOG_LEVELS:
        raise ValueError(f"expected one of {', '.join(LOG_LEVELS)}")
    return text.upper()


def release(text: str) -> str:
    """Parse a release id: the characters that git tags and image tags both allow."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", text):
        raise ValueError("expected at most 128 letters, digits, dots, dashes and underscores")
    return text


def key_prefix(text: str) -> str:
    """Parse a prefix of Redis keys; without glob characters, it matches itself alone."""
    if not re.fullmatch(r"[A-Za-z0-9._:{% if cookiecutter.worker == "no" %}/{% endif %}-]{1,100}", text):
        raise ValueError("expected at most 100 letters, digits and . _ :{% if cookiecutter.worker == "no" %} /{% endif %} -")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Parse host names separated by commas; a leading dot includes subdomains."""
    names = [name.strip().lower().removesuffix(".") for name in text.split(",")] if text else []
    if not all(re.fullmatch(r"\.?[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name) for name in names):
        raise ValueError(
            "expected host names separated by commas, such as shop.example.com,.example.org"
        )
    return tuple(names)


def secret_key(text: str) -> str:
    """Parse a key that signs cookies."""
    if len(text) < 32 or PLACEHOLDER in text:
        raise ValueError(
            "expected 32 random characters or more, such as `openssl rand -base64 48` prints"
        )
    return text


def secret_keys(text: str) -> tuple[str, ...]:
    """Parse keys separated by commas."""
    return tuple(secret_key(key.strip()) for key in text.split(",")) if text else ()
