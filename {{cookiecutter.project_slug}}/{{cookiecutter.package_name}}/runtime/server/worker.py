"""A worker that loses no request when it stops, and whose log holds nothing but events."""

import ctypes
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.arbiter import Arbiter

from .connections import PatientWorker

# Seconds in which the master, told to stop at the same moment, closes its copy of a listener.
PATIENCE = 0.2
# Seconds in which a client that began to connect before the listener was sealed is there.
HANDSHAKE = 0.05
# A classic BPF program for a listener: drop what only wants to connect (SYN without ACK), pass the rest.
# https://www.kernel.org/doc/html/latest/networking/filter.html
SO_ATTACH_FILTER = 26
DROP_SYN = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the flags of the TCP header
        (0x54, 0, 0, 0x12),  # keep SYN and ACK
        (0x15, 0, 1, 0x02),  # is it SYN alone?
        (0x06, 0, 0, 0),  # then drop it
        (0x06, 0, 0, 0xFFFFFFFF),  # else pass all of it
    )
)


class DrainingWorker(PatientWorker):
    """A threaded worker that, once told to stop, still answers the connections that are waiting.

    gunicorn's own leaves them in the listen queue, where the kernel resets them in the end:
    https://github.com/benoitc/gunicorn/issues/3397
    """

    ppid: int
    sockets: list[Any]
    # Ctrl-C drains, too; gunicorn's own quick stop can wait for ever for a lock of the thread pool.
    handle_quit = PatientWorker.handle_exit

    def init_process(self) -> None:
        """Run until the end; a failure is logged here, since gunicorn would also print it as plain text."""
        try:
            super().init_process()
        except Exception:
            self.log.exception("Exception in worker process")
            sys.exit(-1 if self.booted else Arbiter.WORKER_BOOT_ERROR)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer what failed; a header that cannot be read is not repeated, as it may hold a secret."""
        if hasattr(exc, "hdr"):
            exc.hdr = "[redacted]"
        super().handle_error(req, client, addr, exc)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Start or stop to accept; the last stop empties the queue first."""
        if enabled or self.alive or not self.sockets:
            super().set_accept_enabled(enabled)
            return
        self.work(PATIENCE, self.is_shared)
        # Whoever asks to connect now hears nothing, asks again a second later and is refused.
        # A listener that the master keeps has other workers, who will take what comes.
        if not self.is_shared():
            self.seal()
            self.work(HANDSHAKE)
        super().set_accept_enabled(False)
        self.empty_queue()

    def work(self, seconds: float, needed: Callable[[], bool] = lambda: True) -> None:
        """Go on as usual for some seconds, or for as long as that is needed."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and needed():
            self.wait_for_and_dispatch_events(min(left, 0.01))

    def is_shared(self) -> bool:
        """Tell whether the master still listens, too; without Linux's /proc it is taken to."""
        mine = {f"socket:[{os.fstat(listener.fileno()).st_ino}]" for listener in self.sockets}
        try:
            for fd in Path(f"/proc/{self.ppid}/fd").iterdir():
                with suppress(FileNotFoundError):  # it was closed a moment ago
                    if os.readlink(fd) in mine:
                        return True
        except OSError:
            return os.getppid() == self.ppid
        return False

    def seal(self) -> None:
        """Let nobody else begin to connect, in whatever process the listener is open."""
        program = ctypes.create_string_buffer(DROP_SYN, len(DROP_SYN))
        option = struct.pack("HL", len(DROP_SYN) // 8, ctypes.addressof(program))
        for listener in self.sockets:
            # Not every kernel has it; then a stop under load may lose a few.
            with suppress(OSError):
                listener.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, option)

    def empty_queue(self) -> None:
        """Take what waits, then refuse what comes, so that clients turn to another instance at once."""
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
        self.sockets = []
