"""Measure the failovers of Sentinels and of a cluster, and the price of WAIT, for docs/performance.md.

Run as `python -m bench.failover ROUNDS`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from redis import Redis

from bench.contender import Contender, bake_service
from bench.page import format_table, write_between
from bench.processes import run
from bench.report import describe_machine
from bench.speed import THREADS, WORKERS
from bench.wait_cost import measure_wait, spread
from tests.support.clusters import NODE_TIMEOUT_SECONDS, run_cluster
from tests.support.environment import ROOT
from tests.support.load import Load, load
from tests.support.sentinels import DOWN_AFTER_SECONDS, run_sentinels
from tests.support.servers import Group
from tests.support.service import eventually

CLIENTS, PAUSE_SECONDS = 8, 0.005
PAUSED_MILLISECONDS = 2_000
MOVES = 10
Run = Callable[[Path], AbstractContextManager[Group]]
SENTINELS = f"Sentinels, `down-after` {DOWN_AFTER_SECONDS} s"
CLUSTER = f"cluster, `cluster-node-timeout` {NODE_TIMEOUT_SECONDS} s"


def pause_and_fail_over(group: Group) -> None:
    """Let the primary acknowledge no write while the Sentinels promote the replica."""
    group.ask(group.primary(), "CLIENT", "PAUSE", PAUSED_MILLISECONDS, "WRITE")
    group.fail_over()


CASES: list[tuple[str, str, Run, Callable[[Group], None]]] = [
    (SENTINELS, "killed", run_sentinels, Group.kill_primary),
    (SENTINELS, "frozen", run_sentinels, Group.freeze_primary),
    (SENTINELS, "planned", run_sentinels, lambda group: group.fail_over()),
    (SENTINELS, "planned, after `CLIENT PAUSE 2000 WRITE`", run_sentinels, pause_and_fail_over),
    (CLUSTER, "killed", run_cluster, Group.kill_primary),
    (CLUSTER, "frozen", run_cluster, Group.freeze_primary),
    (CLUSTER, "planned", run_cluster, lambda group: group.fail_over()),
]


def visit(ours: Contender, group: Group, folder: Path, act: Callable[[Load], None]) -> Load:
    """Return the visits of clients while something happens to the Redis of a service."""
    with (
        Redis(port=group.primary()) as redis,
        run(ours, redis, folder, WORKERS, THREADS, REDIS_URL=group.url) as running,
        load(f"http://127.0.0.1:{running.port}", CLIENTS, PAUSE_SECONDS) as visits,
    ):
        visits.wait_for(200)
        act(visits)
        visits.wait_for(500)
    return visits


def fail(ours: Contender, start: Run, fault: Callable[[Group], None]) -> Load:
    """Return the visits while a primary fails in a new group."""
    with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as group:
        before = group.primary()

        def act(_: Load) -> None:
            fault(group)
            eventually(lambda: group.primary() != before)

        return visit(ours, group, Path(folder), act)


def reshard(ours: Contender) -> Load:
    """Return the visits while the slot of the counter moves to a new node and back."""
    with tempfile.TemporaryDirectory() as folder, run_cluster(Path(folder)) as cluster:
        old, new = cluster.primary(), cluster.add_node()

        def act(visits: Load) -> None:
            for number in range(MOVES):
                cluster.move_slot(old if number % 2 else new)
                visits.wait_for(50)

        return visit(ours, cluster, Path(folder), act)


def describe(visits: list[Load]) -> list[str]:
    """Return the columns of a row."""
    return [
        spread([one.longest_gap() for one in visits], "{:.2f}"),
        spread([len(one.failures) for one in visits], "{:.0f}"),
        f"{sum(one.repeated for one in visits)} of {sum(len(one.numbers) for one in visits):,}",
    ]


def main(rounds: int) -> None:
    """Print the tables, and write them to docs/performance.md."""
    with tempfile.TemporaryDirectory() as folder:
        ours = bake_service(ROOT, Path(folder) / "ours", "e", "our service")
        rows = []
        for kind, name, start, fault in CASES:
            visits = [fail(ours, start, fault) for _ in range(rounds)]
            rows.append([kind, name, *describe(visits)])
            print(rows[-1], file=sys.stderr)
        moves = describe([reshard(ours) for _ in range(rounds)])
        rows.append([CLUSTER, f"{MOVES} moves of the slot", *moves])
    wait, version = measure_wait(rounds)
    head = ["Redis", "primary", "no good answer for, s", "503", "numbers given twice"]
    price = format_table(["INCR, µs", "INCR and WAIT 1, µs", "ratio"], [wait])
    text = f"{describe_machine(version)}\n\n{format_table(head, rows)}\n{price}"
    write_between("failovers", text)


if __name__ == "__main__":
    main(int(sys.argv[1]))
