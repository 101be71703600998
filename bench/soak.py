"""Run an instance for an hour under good, slow, broken and hostile clients, while Redis restarts and freezes.

Run as `python -P bench/soak.py MINUTES`, with the service on the path. What the instance holds at the end
is compared with what it held after the warm-up, each time without a client.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from soak_clients import Clients  # type: ignore[import-not-found]  # beside this program
from soak_held import Held  # type: ignore[import-not-found]
from tests.factors.support.backing import Backing
from tests.factors.support.instance import Instance

WARM_UP_SECONDS = 60
QUIET_SECONDS = 15  # longer than the time limit of a slow client
FAULT_SECONDS, PAUSE_SECONDS = 2, 30
MAX_MEMORY = 1.2  # times that after the warm-up


async def disturb(backing: Backing, clients: Clients) -> None:
    """Restart and freeze Redis in turns until the task is cancelled."""
    for number in range(sys.maxsize):
        await asyncio.sleep(PAUSE_SECONDS)
        clients.begin_fault()
        if number % 2:
            with backing.freeze():
                await asyncio.sleep(FAULT_SECONDS)
        else:
            await asyncio.to_thread(backing.stop)
            await asyncio.sleep(FAULT_SECONDS)
            await asyncio.to_thread(backing.start)
        clients.end_fault()


async def run(clients: Clients, backing: Backing, service: Instance, seconds: float) -> Held:
    """Run all clients for a time; return what the instance holds after they have gone."""
    faults = asyncio.create_task(disturb(backing, clients))
    await clients.run(seconds, faults)
    await asyncio.sleep(QUIET_SECONDS)
    return Held.by(service)


async def measure(minutes: int, folder: Path, stack: ExitStack) -> tuple[Clients, Held, Held]:
    """Run the clients; return them, and what the instance held after the warm-up and at the end."""
    (folder / "redis").mkdir()
    backing = Backing(folder / "redis")
    stack.callback(backing.stop)
    given = {"REDIS_URL": backing.url, "SECRET_KEY": "k" * 48, "TMPDIR": str(folder)}
    service = Instance({**given, "WEB_CONCURRENCY": "2"}, folder / "log")
    stack.callback(service.kill)
    await asyncio.to_thread(service.wait_until_alive)
    clients = Clients(service.port)
    first = await run(clients, backing, service, WARM_UP_SECONDS)
    last = await run(clients, backing, service, minutes * 60)
    if await asyncio.to_thread(service.stop):
        clients.problems["the instance ended with another status than 0"] += 1
    return clients, first, last


def read_log(path: Path) -> Counter[str]:
    """Return the number of events of each severity, and of lines that are not JSON."""
    found: Counter[str] = Counter()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                found[json.loads(line)["severity"]] += 1
            except (ValueError, KeyError):
                found["not JSON"] += 1
    return found


def main(minutes: int) -> int:
    """Print a table of what the instance held; return 1 for a leak or a wrong answer."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        clients, first, last = asyncio.run(measure(minutes, Path(folder), stack))
        log = read_log(Path(folder, "log"))
    problems = last.compare(first, MAX_MEMORY) + [
        f"{number} × {problem}" for problem, number in clients.find_problems().items()
    ]
    problems += [f"{log['not JSON']} lines of the log are not JSON"] * bool(log["not JSON"])
    print(f"| {(time.monotonic() - started) / 60:.0f} minutes | after the warm-up | at the end |")
    print("|---|---|---|")
    for name, before, after in last.rows(first):
        print(f"| {name} | {before} | {after} |")
    sent = ", ".join(f"{number:,} {kind}" for kind, number in sorted(clients.sent.items()))
    print(f"\nClients: {sent}. Events: {dict(sorted(log.items()))}.")
    print("\n".join(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
