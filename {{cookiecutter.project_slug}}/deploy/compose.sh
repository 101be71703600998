#!/bin/sh
# The instances of a release, as compose runs them. bin/run reads this file.
# shellcheck disable=SC2034,SC2154 # what it sets, bin/run uses; and some of what it uses, bin/run sets

# What compose made for the process type web, but not for single commands
instances() { # FILTER …: their ids
    "$engine" ps --quiet --no-trunc --filter label=com.docker.compose.service=web --filter label=com.docker.compose.oneoff=False "$@"
}

current() { # FILTER …: deploy, release and number of instances, one release a line
    # shellcheck disable=SC2046 # one word an id
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

all() { # FILTER …: instances of this deploy
    instances --filter "label=com.docker.compose.project=$project" "$@"
}

ours() { # FILTER …: those of the release
    all --filter "label=release=$id" "$@"
}

others() { # those of other releases
    all --all | grep -vxF "$(ours --all)" || : # none
}

remove() { # ID …: let them finish, and remove them
    [ $# -eq 0 ] || "$engine" stop "$@" >/dev/null
    [ $# -eq 0 ] || "$engine" rm "$@" >/dev/null
}

start() {
    # shellcheck disable=SC2046 # one word an id, here and below
    remove $(all --all --filter status=exited --filter status=created --filter status=dead)
    before=$(ours)
    trap 'give_up; exit 130' INT
    trap 'give_up; exit 143' TERM
    [ -n "$number" ] || number=$(current --filter "label=com.docker.compose.project=$project" | cut -d ' ' -f 3 | sort -n | tail -n 1)
    missing=$((${number:=1} - $(ours | wc -l)))
    [ -z "$redis" ] || up "$redis" || fail "could not start, as it says above"
    [ "$missing" -le 0 ] || up --scale "web=$(($(all | wc -l) + missing))" web || fail "could not start, as it says above"
}

await() { # COMMAND WHAT: until it succeeds, for what is left of the time
    until "$1"; do
        [ -z "$(ours --all --filter status=exited --filter status=restarting)" ] || fail "ends as soon as it starts"
        [ "$(date +%s)" -lt "$deadline" ] || fail "was not $2 within ${RUN_TIMEOUT:-60} s"
        sleep 0.2
    done
}

ready() {
    [ "$(ours --filter health=healthy | wc -l)" -ge "$number" ]
}

reached() { # through the balancer, which asks for new instances now and then
    "$engine" exec "$(ours | sed 1q)" python -I -S -c '
import json, os, sys
from http.client import HTTPConnection

host = os.environ.get("TRUSTED_HOSTS", "").partition(",")[0].lstrip(".") or "balancer"
connection = HTTPConnection("balancer", 8080, timeout=5)
connection.request("GET", "/version", headers={"Host": host})
sys.exit(json.load(connection.getresponse())["release"] != os.environ["RELEASE"])' 2>/dev/null
}

give_up() { # of what was not there before
    trap '' INT TERM
    # shellcheck disable=SC2046
    remove $(ours --all | grep -vxF "$before")
}

fail() { # REASON
    "$engine" logs --tail 3 "$(ours --all | sed 1q)" >&2 || : # it may not even be made
    give_up
    refuse 1 "$id $1, so it was removed, and what ran before runs on: see above what is wrong with it"
}
