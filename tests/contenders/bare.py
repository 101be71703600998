"""A service in one file that does nothing but count: what observability is measured against."""

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
