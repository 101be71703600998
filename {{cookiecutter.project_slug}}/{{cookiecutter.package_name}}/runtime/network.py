"""Network of the host."""

import socket


def wildcard() -> str:
    """Return the address of every interface, with IPv6 if one socket serves IPv6 and IPv4."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            v6only = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            probe.bind(("::", 0))
    except OSError:
        return "0.0.0.0"  # noqa: S104  # a container has to be reached from outside
    return "0.0.0.0" if v6only else "[::]"  # noqa: S104
