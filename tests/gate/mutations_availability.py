"""Violations that clients notice while instances are replaced, workers killed and connections kept."""

from __future__ import annotations

from tests.gate.mutations import Mutation

SERVER = "gunicorn.conf.py"
WORKER = "{package_name}/runtime/server/worker.py"
LINGERING = "{package_name}/runtime/server/lingering.py"
NOTICED = frozenset({"IX.5"})

MUTATIONS = [
    Mutation(
        "gunicorn's own worker",
        SERVER,
        'worker_class = "visit_counter.runtime.server.worker.DrainingWorker"',
        'worker_class = "gthread"',
        NOTICED | {"XI.3", "XI.6", "XI.7", "XI.8"},
    ),
    Mutation(
        "a stop that resets the connections that wait",
        WORKER,
        "        if self.alive:\n            return\n",
        "        return\n",
        NOTICED,
    ),
    Mutation(
        "idle connections that the server closes before a load balancer does",
        SERVER,
        "keepalive = 75",
        "keepalive = 2",
        NOTICED,
    ),
    Mutation(
        "a worker that accepts more than it can do, and takes it along when it is killed",
        WORKER,
        "if len(new) < self.cfg.threads else 0",
        "if True else 0",
        NOTICED,
    ),
    Mutation(
        "a worker that waits for a client to close the connection",
        LINGERING,
        "        if fs.result():\n",
        "        if True:\n",
        NOTICED,
    ),
    Mutation(
        "threads that wait for the first byte of clients",
        WORKER,
        "        if conn.data_ready and arrival.has_arrived(conn):\n",
        "        if True:\n",
        NOTICED,
    ),
    Mutation(
        "a stop that waits for clients that send nothing",
        WORKER,
        "            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)",
        "            pass",
        NOTICED,
    ),
]
