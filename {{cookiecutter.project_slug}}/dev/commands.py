"""Commands with the environment of development, such as `flask config`."""

import os
import re
import shutil
import sys

from deploy.process import NOT_FOUND
from deploy.refusal import Refusal
from dev import redis_server, running


def run_command(words: list[str], environ: dict[str, str]) -> int:
    """Run a command with the Redis of REDIS_URL, of a running bin/dev, or its own.

    Returns the exit status of the command; raises Refusal.
    """
    if not shutil.which(words[0], path=environ["PATH"]):
        raise Refusal(NOT_FOUND, f"{words[0]} not found", "run bin/dev --help")
    if redis := running.given_redis(environ):
        print("Redis: the one that REDIS_URL names", file=sys.stderr)
    elif redis := running.find_redis():
        shown = re.sub("//[^/]*@", "//…@", " ".join(redis.values()))
        print(f"Redis: that of the running bin/dev, at {shown}", file=sys.stderr)
    if redis:
        os.execvpe(words[0], words, environ | redis)  # its signals and status are the command's
    return redis_server.run_with_redis(words, environ)
