"""A team's first month: one change to a new service, then all its checks."""
