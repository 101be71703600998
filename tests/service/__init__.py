"""The default service as a process, and its scripts but those of releases."""
