"""Counter of visits, kept in Redis."""

from ..runtime.backing.client import ResilientRedis
from ..runtime.backing.connect import get_redis
from ..runtime.settings import get_settings


class Counter:
    """Number of visits under one key; every method raises RedisError."""

    def __init__(self, redis: ResilientRedis, key: str) -> None:
        self.redis, self.key = redis, key

    def increment(self) -> int:
        """Count a visit and return its number, which no other visit gets.

        INCR is sent again when its answer was lost: the count may then skip a number.
        """
        return self.redis.at_least_once.incr(self.key)

    def read(self) -> int:
        """Return the number of visits so far."""
        return int(self.redis.get(self.key) or 0)

    def reset(self) -> int:
        """Delete the counter and return its last number, in one atomic command."""
        return int(self.redis.getdel(self.key) or 0)


def get_counter() -> Counter:
    """Return the counter of the current app."""
    return Counter(get_redis(), f"{get_settings().key_prefix}visits")
