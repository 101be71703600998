"""Processes in Linux's /proc: their threads, sockets, open files, commands and environments."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.service import Service

PROC = Path("/proc")
requires_procfs = pytest.mark.skipif(not (PROC / "self/fd").exists(), reason="needs Linux's /proc")
# Socket states in hexadecimal: https://docs.kernel.org/networking/proc_net_tcp.html
LISTEN_STATES = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
UNIX_LISTEN_FLAG = 0x10000  # __SO_ACCEPTCON


class Socket(NamedTuple):
    """An open socket with its local and remote address; a listener has no peer."""

    kind: str
    local: str
    remote: str
    listens: bool


def list_pids() -> list[int]:
    """Return the ids of all processes."""
    return [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]


def list_session(leader: int) -> list[int]:
    """Return the process ids of the session that a process leads."""
    pids = []
    for pid in list_pids():
        with suppress(ProcessLookupError):  # the process ended meanwhile
            if os.getsid(pid) == leader:
                pids.append(pid)
    return pids


def list_instance(service: Service) -> list[int]:
    """Return the ids of the processes with the instance's PORT and TMPDIR, in any session."""
    names = {"PORT", "TMPDIR"} & service.environ.keys()
    own = {name: service.environ[name] for name in names}
    return sorted(pid for pid in list_pids() if own.items() <= read_environ(pid).items())


def read_environ(pid: int) -> dict[str, str]:
    """Return the initial environment of a process; empty if it ended or is not readable."""
    with suppress(OSError):
        pairs = PROC.joinpath(str(pid), "environ").read_text(errors="replace").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return {}


def read_command(pid: int) -> list[str]:
    """Return the command line of a process, with paths reduced to their file names."""
    with suppress(OSError):
        words = PROC.joinpath(str(pid), "cmdline").read_text(errors="replace").split("\0")
        return [word.rpartition("/")[2] for word in words if word]
    return []


def read_descriptors(pid: int) -> dict[str, Path]:
    """Return the target of each file descriptor of a process."""
    targets = {}
    for path in PROC.joinpath(str(pid), "fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor was closed meanwhile
            targets[path.name] = path.readlink()
    return targets


def count_threads(pid: int) -> int:
    """Return the number of threads of a process."""
    return len(list(PROC.joinpath(str(pid), "task").iterdir()))


def parse_address(text: str) -> str:
    """Convert an address of /proc, such as `0100007F:1F40`, to `127.0.0.1:8000`."""
    host, port = text.split(":")
    words = [bytes.fromhex(word)[::-1] for word in re.findall(".{8}", host)]
    return f"{ip_address(b''.join(words))}:{int(port, 16)}"


def read_socket_table(pid: int, kind: str) -> list[list[str]]:
    """Return the rows of a socket table; empty if the kernel lacks the protocol."""
    table = PROC / str(pid) / "net" / kind
    return [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []


def list_sockets(pid: int) -> Iterator[Socket]:
    """Return the open sockets of a process."""
    links = [str(link) for link in read_descriptors(pid).values()]
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    for kind, listen_state in LISTEN_STATES.items():
        for row in read_socket_table(pid, kind):
            if row[9] in inodes:
                local, remote = map(parse_address, row[1:3])
                yield Socket(kind, local, remote, row[3] == listen_state)
    for row in read_socket_table(pid, "unix"):
        if row[6] in inodes:
            yield Socket("unix", "".join(row[7:]), "", int(row[3], 16) & UNIX_LISTEN_FLAG != 0)


def list_writable_files(pid: int) -> Iterator[Path]:
    """Return the regular files that a process has open for writing."""
    folder = PROC / str(pid)
    for number, target in read_descriptors(pid).items():
        with suppress(FileNotFoundError):
            info = (folder / "fdinfo" / number).read_text()
            mode = int(re.findall(r"flags:\s*(\d+)", info)[0], 8) & os.O_ACCMODE
            if mode != os.O_RDONLY and stat.S_ISREG((folder / "fd" / number).stat().st_mode):
                yield target
