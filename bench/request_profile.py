"""Profile a request in contenders b, e, f and h: the CPU time of its parts, and its instructions."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from redis import Redis

from bench.contender import CONTENDERS, Contender, list_contenders
from bench.page import format_table, write_between
from bench.processes import run
from bench.speed import THREADS, redis_server

LETTERS, SECONDS, ROUNDS = "befh", 15.0, 3
# A sample belongs to the first part whose pattern is in its stack, innermost frame first.
PARTS = {
    "metrics": r"/prometheus_client/|runtime/(telemetry/)?metrics",
    "log event": r"/(logging|pythonjsonlogger)/|runtime/(telemetry/)?(access|events|logs)|in record\n",
    "session signer": r"/itsdangerous/|in (open|save)_session\n",
    "security headers": r"runtime/(web/)?security|in add_headers\n",
    "gunicorn: request and environ": r"/gunicorn/http/(?!wsgi)|/gunicorn/http/wsgi.*in create\n",
    "gunicorn: response and its headers": r"/gunicorn/(http/wsgi|util)",
    "request id and trace": r"\A.*runtime/(web/middleware|requests)|runtime/web/context|in begin\n",
    "redis-py": r"/site-packages/redis/|runtime/(backing/|bounded|pool|redis)",
    "Flask, Werkzeug and the view": r"/(flask|werkzeug)/|/visits/|/(bare|usual)\.py",
    "gunicorn: main loop and thread pool": "",
}


def sample(contender: Contender, redis: Redis, folder: Path, seconds: float) -> Counter[str]:
    """Count the samples of each part in one worker."""
    found, sampler = Counter[str](), str(CONTENDERS / "sampler")
    with run(
        contender, redis, folder, 1, THREADS, PYTHONPATH=sampler, SAMPLES=str(folder)
    ) as running:
        running.load(THREADS, 1).result()
        file = folder / str(running.pids()[1])
        before = file.stat().st_size
        running.load(THREADS, seconds).result()
        stacks = re.split(r"^Stack.*\n", file.read_bytes()[before:].decode(), flags=re.M)
    for stack in stacks[1:]:
        found[next(part for part, pattern in PARTS.items() if re.search(pattern, stack))] += 1
    return found


def count_instructions(contender: Contender, redis: Redis, folder: Path) -> float:
    """Return thousands of user-mode instructions per request: a long run minus a short run."""
    options = f"--cachegrind-out-file=/dev/null --trace-children=yes --log-file={folder}/%p"
    tool = f"valgrind --tool=cachegrind --cache-sim=no {options}"
    counted, totals = replace(contender, command=f"{tool} {contender.command}"), []
    for seconds in (1.0, 8.0):
        with run(counted, redis, folder, 1, THREADS, PYTHONHASHSEED="0") as running:
            log = folder / str(running.pids()[1])
            requests = len(running.load(1, seconds).result()["waits"])
        [count] = re.findall("I +refs: +([0-9,]+)", log.read_text())
        totals.append((int(count.replace(",", "")), requests))
    (short, few), (long, many) = totals
    return (long - short) / (many - few) / 1000


def format_report(contenders: list[Contender], redis: Redis, folder: Path, seconds: float) -> str:
    """Profile the contenders in turns, and return the table."""
    counts = {one.letter: Counter[str]() for one in contenders}
    for one in contenders * ROUNDS:
        counts[one.letter] += sample(one, redis, folder, seconds)
    totals = {one.letter: count_instructions(one, redis, folder) for one in contenders}
    rows = [["all", *(f"{total:,.0f}" for total in totals.values())]]
    for part in sorted(PARTS, key=lambda part: counts["e"][part]):
        shares = {letter: found[part] / found.total() for letter, found in counts.items()}
        cells = [f"{share:.1%} · {share * totals[letter]:,.0f}" for letter, share in shares.items()]
        rows.insert(0, [part, *cells])
    return format_table(["part", *(f"{one.letter}: {one.name}" for one in contenders)], rows)


def main(seconds: str = "") -> None:
    """Print the table, and write it to docs/performance.md unless a duration is given."""
    if not shutil.which("valgrind"):
        sys.exit("valgrind: not installed; run apt-get install valgrind")
    with tempfile.TemporaryDirectory() as folder, redis_server() as redis:
        contenders = [one for one in list_contenders(Path(folder)) if one.letter in LETTERS]
        text = format_report(contenders, redis, Path(folder), float(seconds or SECONDS))
    print(text)
    if not seconds:
        write_between("profile", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
