#!/bin/sh
# The instances of a release, run by compose. Sourced by bin/run.
# shellcheck disable=SC2034,SC2154 # shares variables with bin/run

instances() { # FILTER …: print the ids of the web containers, without those of one-off commands
    "$engine" ps --quiet --no-trunc --filter label=com.docker.compose.service=web --filter label=com.docker.compose.oneoff=False "$@"
}

current() { # FILTER …: print deploy, release and number of instances, one release a line
    # shellcheck disable=SC2046 # an id is one word
    set -- $(instances "$@")
    [ $# -eq 0 ] || "$engine" inspect "$@" | python3 -c '
import collections, json, sys

labels = [container["Config"]["Labels"] for container in json.load(sys.stdin)]
own = [one for one in labels if one["com.docker.compose.project"] == sys.argv[1] + "-" + one.get("deploy", "")]
for (deploy, release), number in sorted(collections.Counter((one["deploy"], one["release"]) for one in own).items()):
    print(deploy, release, number)' "$slug"
}

compose() {
    port=$((20000 + $(printf %s "$project" | cksum | cut -d ' ' -f 1) % 10000))
    IMAGE=$image_name DEPLOY=$deploy RELEASE=$id HTTP_PORT=${HTTP_PORT:-$port} "$engine" compose \
        --project-name "$project" --project-directory "$files" --file "$files/compose.yaml" "$@"
}

up() {
    compose up --detach --no-build --no-recreate --no-deps "$@" >&2
}

all() { # FILTER …: print the instances of this deploy
    instances --filter "label=com.docker.compose.project=$project" "$@"
}

ours() { # FILTER …: print the instances of the release
    all --filter "label=release=$id" "$@"
}

others() { # print the instances of other releases
    all --all | grep -vxF "$(ours --all)" || : # grep fails if there are none
}

# No --time here: without it the engine waits for stop_grace_period of compose.yaml, which covers drain delay and
# graceful timeout. Containers stop in parallel.
remove() { # ID …: stop containers gracefully, then delete them
    [ $# -eq 0 ] || "$engine" stop "$@" >/dev/null
    [ $# -eq 0 ] || "$engine" rm "$@" >/dev/null
}

start() {
    # shellcheck disable=SC2046 # an id is one word, here and below
    remove $(all --all --filter status=exited --filter status=created --filter status=dead)
    before=$(ours)
    trap 'give_up; exit 130' INT
    trap 'give_up; exit 143' TERM
    [ -n "$number" ] || number=$(current --filter "label=com.docker.compose.project=$project" | cut -d ' ' -f 3 | sort -n | tail -n 1)
    missing=$((${number:=1} - $(ours | wc -l)))
    [ -z "$redis" ] || up "$redis" || fail "compose could not start Redis" "run $engine compose --project-name $project logs redis"
    [ "$missing" -le 0 ] || up --scale "web=$(($(all | wc -l) + missing))" web ||
        fail "compose could not start $id" "fix the error that compose printed, then run bin/run $id"
}

await() { # COMMAND PROBLEM REMEDY: repeat a command until it succeeds; fail at the deadline
    until "$1"; do
        [ -z "$(ours --all --filter status=exited --filter status=restarting)" ] || fail "$id exited at start" "fix the error in its log, then run bin/build"
        [ "$(date +%s)" -lt "$deadline" ] || fail "$2 within ${RUN_TIMEOUT:-60} s" "$3"
        sleep 0.2
    done
}

ready() { # as many healthy instances as wanted
    [ "$(ours --filter health=healthy | wc -l)" -ge "$number" ]
}

reached() { # the balancer, which polls DNS for new instances, forwards to the release
    "$engine" exec "$(ours | sed 1q)" python -I -S -c '
import json, os, sys
from http.client import HTTPConnection

host = os.environ.get("TRUSTED_HOSTS", "").partition(",")[0].lstrip(".") or "balancer"
connection = HTTPConnection("balancer", 8080, timeout=5)
connection.request("GET", "/version", headers={"Host": host})
sys.exit(json.load(connection.getresponse())["release"] != os.environ["RELEASE"])' 2>/dev/null
}

give_up() { # remove the instances that this run started
    trap '' INT TERM
    # shellcheck disable=SC2046
    remove $(ours --all | grep -vxF "$before")
}

fail() { # PROBLEM REMEDY: print the end of the log, remove the new instances, then refuse
    "$engine" logs --tail 3 "$(ours --all | sed 1q)" >&2 || : # there may be no container yet
    give_up
    refuse 1 "$1; $2 (earlier instances keep running)"
}
