"""Build, release and run with the standard library of Python ≥ 3.9: https://12factor.net/build-release-run."""
