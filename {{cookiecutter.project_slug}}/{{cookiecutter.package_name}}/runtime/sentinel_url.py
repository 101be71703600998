"""URLs of a Redis whose primary is named by Sentinels.

redis+sentinel://[user:password@]host[:port],host[:port]/service[/database]; rediss+sentinel:// for TLS.
User and password are those of Redis, not of its Sentinels.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

PORT = 26379
FORM = re.compile(
    r"(rediss?)\+sentinel://(.*@)?([^@/?]+)/([\w.-]+)((?:/\d{0,4})?(?:\?.*)?)", re.ASCII
)


class SentinelURL(NamedTuple):
    """Addresses of the Sentinels, the name of their service, and the URL of a server of it."""

    sentinels: list[tuple[str, int]]
    service: str
    url: str


def parse(text: str) -> SentinelURL | None:
    """Return the parts of a URL of Sentinels, or None if it is none or malformed."""
    if not (found := FORM.fullmatch(text)):
        return None
    scheme, user, hosts, service, rest = found.groups(default="")
    try:
        places = [urlsplit(f"//{host}") for host in hosts.split(",")]
        sentinels = [(place.hostname or "", place.port or PORT) for place in places]
    except ValueError:
        return None
    # The host of the server is what the Sentinels say.
    return SentinelURL(sentinels, service, f"{scheme}://{user}localhost{rest}")
