#!/bin/sh
# Fake kubectl: it records each call in the folder $FAKE_KUBECTL, and fails where a file there names the command.
set -eu
echo "$*" >>"$FAKE_KUBECTL/calls"
shift 4 # --context NAME --namespace NAME
[ ! -e "$FAKE_KUBECTL/$1" ] || exit "$(cat "$FAKE_KUBECTL/$1")"
case "$1 $2" in
    "rollout status") [ ! -e "$FAKE_KUBECTL/late" ] ;;
    "get deployment") cat "$FAKE_KUBECTL/deployment" ;;
    "get job.batch/admin-1") cat "$FAKE_KUBECTL/job" ;;
    replace*) cat >"$FAKE_KUBECTL/replaced" ;;
    create*) cat >"$FAKE_KUBECTL/created" && echo job.batch/admin-1 ;;
    logs*) echo "deleted 7 visits" ;;
    diff*)
        [ "$(cat "$FAKE_KUBECTL/differences")" != 1 ] || echo "+  image: new"
        exit "$(cat "$FAKE_KUBECTL/differences")"
        ;;
esac
