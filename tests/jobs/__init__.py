"""Jobs: the worker under faults, and what the gate of a service proves of it."""
