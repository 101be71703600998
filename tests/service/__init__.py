"""The default service as a process, and its scripts except bin/build, release and run."""
