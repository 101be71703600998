"""URLs that name a group of servers: the Sentinels of a primary, or nodes of a cluster.

redis+sentinel://[user:password@]host:port,host:port/service[/database]
redis+cluster://[user:password@]host:port,host:port
With rediss+ for TLS. User and password are those of the data servers, not those of Sentinels.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

FORM = re.compile(
    r"(rediss?)\+(?:cluster|(sentinel))://(.*@)?([^@/?]+)(?(2)/([\w.-]+))((?:/\d{0,4})?(?:\?.*)?)",
    re.ASCII,
)


class GroupURL(NamedTuple):
    """Addresses of the group, the URL of one server, and the service of the Sentinels."""

    hosts: list[tuple[str, int]]
    url: str
    service: str

    @property
    def is_cluster(self) -> bool:
        """Return True for nodes of a cluster."""
        return not self.service


def parse(text: str) -> GroupURL | None:
    """Return the parts of the URL of a group, or None if it is none or malformed."""
    if not (found := FORM.fullmatch(text)):
        return None
    scheme, _, user, hosts, service, rest = found.groups(default="")
    try:
        places = [urlsplit(f"//{host}") for host in hosts.split(",")]
        addresses = [(place.hostname or "", place.port or 0) for place in places]
    except ValueError:
        return None
    if not all(host and port for host, port in addresses):
        return None
    return GroupURL(addresses, f"{scheme}://{user}{hosts.partition(',')[0]}{rest}", service)
