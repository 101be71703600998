#!/bin/sh
# What bin/build, bin/release and bin/run share: refusals, the container engine, and configurations. They read this
# file after they went to the folder of the repository; by itself it does nothing.
# shellcheck disable=SC2034 # they use what is set here
slug={{ cookiecutter.project_slug }}
engine=${CONTAINER_ENGINE:-docker}
state=${XDG_STATE_HOME:-$HOME/.local/state}/$slug
script=bin/${0##*/}

refuse() { # STATUS REASON: end with one line, which names the remedy
    echo "$script: $2" >&2
    exit "$1"
}

show_help() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"
    exit
}

need_repository() {
    repository=$(cd "$(git rev-parse --git-common-dir 2>/dev/null || echo /nowhere)" 2>/dev/null && pwd) ||
        refuse 3 "this is no git repository: git init, and commit what is here"
    remote=$(git remote | sed -n '/^origin$/p')
}

need_engine() {
    "$engine" version >/dev/null 2>&1 ||
        refuse 4 "the container engine does not answer: start it, or name another in CONTAINER_ENGINE (now $engine)"
}

need_image() { # IMAGE: have it on this host, under the name that the engine gives it
    need_engine
    image_name=$1
    case $1 in
        # What was not pushed has only an id.
        "local/$slug@"*) image_name=${1#*@} ;;
    esac
    ! "$engine" image inspect "$image_name" >/dev/null 2>&1 || return 0
    [ "$image_name" = "$1" ] ||
        refuse 3 "$1 is not on this host, or no longer: check its revision out here, and bin/build --local"
    "$engine" pull --quiet "$1" >&2 ||
        refuse 5 "$1 cannot be pulled: $engine login, if the registry wants to know who asks; bin/build, if it is gone"
}

# A configuration that was released is kept on this host, outside of git, under the fingerprint that the ledger has.
fingerprint() { # FILE
    python3 -c 'import hashlib, sys; print("sha256:" + hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"
}

kept() { # FINGERPRINT: where it is kept
    echo "$state/config/${1#sha256:}.env"
}

keep() { # FILE FINGERPRINT: for this user alone, in one step
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

need_kept() { # FINGERPRINT RELEASE: have it here as it was
    if [ ! -e "$(kept "$1")" ] || [ "$(fingerprint "$(kept "$1")")" != "$1" ]; then
        refuse 3 "the configuration of $2 is not on this host as it was: copy $(kept "$1") from the one that released it"
    fi
}

need_plain() { # FILE NAME: lines that every engine takes as they stand
    wrong=$(LC_ALL=C awk '!/^(#.*)?$/ && (!/^[A-Z][A-Z0-9_]*=/ || /["'\''$\\`\r\t]|= | $| #/) { printf " %d", NR }' "$1")
    [ -z "$wrong" ] ||
        refuse 3 "$2, line$wrong: write NAME=value, with no quotes, no \$, no \\, no comment behind it and no space around it"
}
