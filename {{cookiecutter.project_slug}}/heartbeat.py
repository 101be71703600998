"""Fail unless the worker is alive. Containers run it every few seconds, so it imports little.

python -I -S heartbeat.py          the worker showed a sign of life in the last MAX_AGE_SECONDS
python -I -S heartbeat.py --ready  and it has found its Redis, and waits for jobs
"""

import os
import sys
import time

# Longer than the worker waits for a Redis that is silent
MAX_AGE_SECONDS = 60
NAME = "{{ cookiecutter.project_slug }}-heartbeat"
FILE = os.path.join(os.environ.get("TMPDIR") or "/tmp", NAME)  # noqa: S108


def find_problem(is_ready: bool) -> str:
    """Return why the worker is not alive, or not ready; empty if it is."""
    try:
        age = time.time() - os.stat(FILE).st_mtime
        with open(FILE) as file:
            text = file.read()
    except OSError as error:
        return f"no heartbeat: {error}"
    if age > MAX_AGE_SECONDS:
        return f"last heartbeat {age:.0f} s ago"
    return "not ready" if is_ready and text != "ready" else ""


def main() -> int:
    """Return 0 if the worker is alive, else 1."""
    if problem := find_problem("--ready" in sys.argv[1:]):
        print(problem, file=sys.stderr)  # noqa: T201  # what `docker inspect` shows
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main())
