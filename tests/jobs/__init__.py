"""Jobs in Redis: executed at least once whatever happens to workers and to Redis."""
