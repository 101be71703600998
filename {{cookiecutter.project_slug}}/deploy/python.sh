#!/bin/sh
# Sourced by scripts of bin/ in the root of the service.

find_python() { # MINIMUM: print the path of a Python, preferably of the version in production
    wanted=$(cat .python-version)
    for name in "python$wanted" python3 python; do
        # From the root folder, where no version manager insists on the version in .python-version
        (cd / && "$name" -EsSc "import sys
sys.version_info >= tuple(map(int, '$1'.split('.'))) or sys.exit(1)
print(sys.executable)") 2>/dev/null && return
    done
    echo "bin/${0##*/}: no Python $wanted or ≥ $1 found; install Python $wanted or add it to the PATH" >&2
    exit 1
}

run_module() { # MODULE ARGUMENT …: run a module of deploy/
    python=$(find_python 3.9) || exit
    module=deploy.$1
    shift
    exec "$python" -EsSB -X utf8 -m "$module" "$@"
}
