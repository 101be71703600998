"""What the host gives to a server: an address, and a folder for temporary files."""

import socket
import tempfile


def wildcard() -> str:
    """Return the address of every interface, with IPv6 if one socket serves IPv6 and IPv4."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            v6only = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            probe.bind(("::", 0))
    except OSError:
        return "0.0.0.0"  # noqa: S104  # a container has to be reached from outside
    return "0.0.0.0" if v6only else "[::]"  # noqa: S104


def temporary_folder() -> str:
    """Return a folder that is writable, or /tmp while every disk is full."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        return "/tmp"  # noqa: S108  # the one folder that has to be writable
