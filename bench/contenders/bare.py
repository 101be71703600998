"""Count visits with Flask and nothing else: contender b, the base of every ratio."""

from __future__ import annotations

import os

from flask import Flask
from redis import Redis

app = Flask(__name__)
redis = Redis.from_url(os.environ["REDIS_URL"])


@app.get("/")
def welcome() -> dict[str, int]:
    """Count a visit."""
    return {"visits": redis.incr("bare:visits")}
