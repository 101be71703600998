"""Count visits as tutorials do, under the development server: contender d."""

from __future__ import annotations

import os

from flask import Flask
from redis import Redis

app = Flask(__name__)
redis = Redis.from_url(os.environ["REDIS_URL"])


@app.route("/")
def hello() -> str:
    """Count a visit, then read the counter with a second command."""
    redis.incr("tutorial:visits")
    return f"This page was visited {int(redis.get('tutorial:visits') or 0)} times."


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ["PORT"]))
