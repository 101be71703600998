"""Attached resources: the Redis client, its circuit breaker, and the registry that /readyz asks."""
