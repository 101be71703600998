"""Count in jobs with RQ and nothing else: the base of every ratio of bench/jobs.py.

`python bare_jobs.py enqueue NUMBER` prints the CPU seconds and the seconds that it took;
`python bare_jobs.py work` executes jobs.
"""

from __future__ import annotations

import os
import sys
import time

from redis import Redis
from rq import Queue, Worker

redis = Redis.from_url(os.environ["REDIS_URL"])
queue = Queue(connection=redis)


def count() -> None:
    """Count a job."""
    redis.incr("bare:jobs")


def main(command: str, number: str = "0") -> None:
    """Execute jobs, or enqueue a number of them."""
    if command == "work":
        Worker([queue], connection=redis).work()
        return
    cpu, began = time.process_time(), time.perf_counter()
    for _ in range(int(number)):
        queue.enqueue("bare_jobs.count")  # RQ refuses functions of __main__
    print(time.process_time() - cpu, time.perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
