"""Build, release, run, for every Python ≥ 3.9 without packages: https://12factor.net/build-release-run."""
