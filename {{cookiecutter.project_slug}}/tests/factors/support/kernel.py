"""What Linux knows of the processes of an instance: their threads, their sockets, their open files."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest

PROC = Path("/proc")
needed = pytest.mark.skipif(not (PROC / "self/fd").exists(), reason="needs Linux's /proc")
# As the kernel writes the states of sockets: https://docs.kernel.org/networking/proc_net_tcp.html
LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
ACCEPTS = 0x10000


class Socket(NamedTuple):
    """An open socket, with both of its addresses; those of a listener end with nobody's."""

    kind: str
    local: str
    remote: str
    listens: bool


def processes(leader: int) -> list[int]:
    """Return every process of the session that a process leads."""
    found = []
    for pid in (int(path.name) for path in PROC.iterdir() if path.name.isdigit()):
        with suppress(ProcessLookupError):  # it ended meanwhile
            if os.getsid(pid) == leader:
                found.append(pid)
    return found


def descriptors(pid: int) -> dict[str, Path]:
    """Return what each file descriptor of a process stands for."""
    found = {}
    for path in PROC.joinpath(str(pid), "fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed meanwhile
            found[path.name] = path.readlink()
    return found


def threads(pid: int) -> int:
    """Return the number of threads of a process."""
    return len(list(PROC.joinpath(str(pid), "task").iterdir()))


def address(text: str) -> str:
    """Turn what the kernel writes, such as `0100007F:1F40`, into `127.0.0.1:8000`."""
    host, port = text.split(":")
    words = [bytes.fromhex(word)[::-1] for word in re.findall(".{8}", host)]
    return f"{ip_address(b''.join(words))}:{int(port, 16)}"


def rows(pid: int, kind: str) -> list[list[str]]:
    """Return a table of sockets, without its head; an empty one where the kernel has none of the kind."""
    table = PROC / str(pid) / "net" / kind
    return [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []


def sockets(pid: int) -> Iterator[Socket]:
    """Return the sockets that a process has open."""
    links = [str(link) for link in descriptors(pid).values()]
    mine = {link[8:-1] for link in links if link.startswith("socket:[")}
    for kind, listening in LISTENING.items():
        for row in rows(pid, kind):
            if row[9] in mine:
                yield Socket(kind, address(row[1]), address(row[2]), row[3] == listening)
    for row in rows(pid, "unix"):
        if row[6] in mine:
            yield Socket("unix", "".join(row[7:]), "", int(row[3], 16) & ACCEPTS != 0)


def written_files(pid: int) -> Iterator[Path]:
    """Return the regular files that a process has open for writing."""
    folder = PROC / str(pid)
    for number, target in descriptors(pid).items():
        with suppress(FileNotFoundError):
            info = (folder / "fdinfo" / number).read_text()
            mode = int(re.findall(r"flags:\s*(\d+)", info)[0], 8) & os.O_ACCMODE
            if mode != os.O_RDONLY and stat.S_ISREG((folder / "fd" / number).stat().st_mode):
                yield target
