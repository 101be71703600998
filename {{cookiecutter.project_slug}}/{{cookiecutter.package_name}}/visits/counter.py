"""The counter, kept in Redis under one key."""

from redis import Redis


def key(prefix: str) -> str:
    """Return the name of the counter's key."""
    return f"{prefix}visits"


def count(redis: Redis, prefix: str) -> int:
    """Count a visit and return its number, which no other visit gets; raises RedisError."""
    return redis.incr(key(prefix))


def read(redis: Redis, prefix: str) -> int:
    """Return the number of visits so far; raises RedisError."""
    return int(redis.get(key(prefix)) or 0)


def reset(redis: Redis, prefix: str) -> int:
    """Set the counter back to nothing and return what it was, in one step; raises RedisError."""
    return int(redis.getdel(key(prefix)) or 0)
