#!/bin/sh
# Shared by bin/build, bin/release and bin/run: refusals, the container engine, kept configurations.
# Sourced from the root of the repository; defines variables and functions only.
# shellcheck disable=SC2034 # the scripts use the variables set here
slug={{ cookiecutter.project_slug }}
engine=${CONTAINER_ENGINE:-docker}
state=${XDG_STATE_HOME:-$HOME/.local/state}/$slug
script=bin/${0##*/}

refuse() { # STATUS MESSAGE: print "problem; remedy" as one line on stderr, then exit
    echo "$script: $2" >&2
    exit "$1"
}

show_help() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"
    exit
}

need_repository() {
    repository=$(cd "$(git rev-parse --git-common-dir 2>/dev/null || echo /nowhere)" 2>/dev/null && pwd) ||
        refuse 3 "no usable git repository here; run git status for the reason, or git init"
    remote=$(git remote | sed -n '/^origin$/p')
}

need_engine() {
    "$engine" version >/dev/null 2>&1 ||
        refuse 4 "container engine $engine does not answer; run $engine version, or set CONTAINER_ENGINE"
}

need_image() { # IMAGE: pull the image if this host lacks it, and set $image_name to the engine's name of it
    need_engine
    image_name=$1
    case $1 in
        # An image that was never pushed has an id, but no digest.
        "local/$slug@"*) image_name=${1#*@} ;;
    esac
    ! "$engine" image inspect "$image_name" >/dev/null 2>&1 || return 0
    [ "$image_name" = "$1" ] ||
        refuse 3 "no image $1 on this host; run git checkout ${revision:-REVISION} && bin/build --local"
    "$engine" pull --quiet "$1" >&2 ||
        refuse 5 "cannot pull $1; run $engine login ${1%%/*}, or bin/build if it was deleted"
}

# Released configurations hold secrets: they are kept on this host, outside git, named by the ledger's fingerprint.
fingerprint() { # FILE: print its SHA-256 digest
    python3 -c 'import hashlib, sys; print("sha256:" + hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}

kept() { # FINGERPRINT: print the path of the kept configuration
    echo "$state/config/${1#sha256:}.env"
}

keep() { # FILE FINGERPRINT: keep a copy that only this user can read; the rename is atomic
    (
        umask 077
        mkdir -p "$state/config"
        copy=$(mktemp "$state/config/new.XXXXXX")
        trap 'rm -f "$copy"' EXIT
        trap 'exit 130' INT TERM
        cat "$1" >"$copy"
        chmod 0400 "$copy"
        mv "$copy" "$(kept "$2")"
    )
}

need_kept() { # FINGERPRINT RELEASE: refuse if the kept configuration is missing or modified
    if [ ! -e "$(kept "$1")" ] || [ "$(fingerprint "$(kept "$1")")" != "$1" ]; then
        refuse 3 "configuration of $2 missing or modified here; copy $(kept "$1") from the host that released $2"
    fi
}

need_plain() { # FILE NAME: refuse lines that docker, compose and podman would read differently
    wrong=$(LC_ALL=C awk '!/^(#.*)?$/ && (!/^[A-Z][A-Z0-9_]*=/ || /["'\''$\\`\r\t]|= | $| #/) { printf " %d", NR }' "$1")
    [ -z "$wrong" ] ||
        refuse 3 "$2, line$wrong: expected NAME=value; remove quotes, \$, \\, control characters, comments and outer spaces"
}
