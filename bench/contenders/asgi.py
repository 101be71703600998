"""Count visits with FastAPI and redis.asyncio: contender g1."""

from __future__ import annotations

import os

from fastapi import FastAPI
from redis.asyncio import Redis

app = FastAPI()
redis = Redis.from_url(os.environ["REDIS_URL"])


@app.get("/")
async def welcome() -> dict[str, int]:
    """Count a visit."""
    return {"visits": await redis.incr("asgi:visits")}
