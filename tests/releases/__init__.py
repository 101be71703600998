"""bin/build, bin/release and bin/run."""
