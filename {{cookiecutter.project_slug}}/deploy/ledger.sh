#!/bin/sh
# The ledger of releases: annotated tags, created and read, never moved or deleted. Sourced by bin/release and bin/run.
# shellcheck disable=SC2034,SC2154 # shares variables with the scripts

entries() { # GIT-DIR [ID]: print id, deploy, kind, image, revision, config, restores, time, person; a release a line
    TZ=UTC0 git --git-dir="$1" for-each-ref --sort=version:refname "refs/tags/${2:-*}" --format='#%(objecttype) %(refname:strip=2)
Time: %(taggerdate:format-local:%Y-%m-%dT%H:%M:%SZ)
Person: %(taggername)
%(contents:body)' | LC_ALL=C awk '
        function entry(line, i) {
            line = id
            for (i = 1; i <= 8; i++) {
                if (!(names[i] in value) && names[i] != "Restores") return
                line = line "\t" (names[i] in value ? value[names[i]] : "-")
            }
            if (id ~ /^{{ "v[0-9]+" if cookiecutter.release_ids == "sequence" else "[0-9]+-[0-9]+-[0-9]+-[0-9]+-[0-9]+" }}$/) print line
        }
        BEGIN { split("Deploy Kind Image Revision Config Restores Time Person", names) }
        /^#/ { entry(); split("", value); id = $1 == "#tag" ? $2 : ""; next }
        /^[A-Z][a-z]+: ./ { name = $1; sub(/:/, "", name); value[name] = substr($0, length($1) + 2) }
        END { entry() }'
}

take() { # ENTRY: set a variable for each of its fields
    IFS=$(printf '\t') read -r id deploy kind image revision config restores time person <<END
$1
END
}

# Releases are read and created in a scratch repository, which borrows the objects of this one and has only the tags
# of the remote. It lies inside .git, so that includeIf "gitdir:…" of the git configuration applies to it.
open_ledger() { # read | write: a write needs the remote
    scratch=$(mktemp -d "$repository/ledger.XXXXXX")
    git init --quiet --bare --template= --object-format="$(git rev-parse --show-object-format)" "$scratch"
    ledger config include.path "$repository/config"
    mkdir -p "$scratch/objects/info"
    echo "$repository/objects" >"$scratch/objects/info/alternates"
    [ ! -e "$repository/shallow" ] || cp "$repository/shallow" "$scratch/shallow"
    if [ -n "$remote" ] && ! fetch_tags "$remote"; then
        [ "$1" = read ] || refuse 5 "cannot fetch the ledger from $remote; run git ls-remote $remote"
        echo "$script: cannot fetch the ledger from $remote, using the tags of this clone; run git ls-remote $remote" >&2
        remote=
    fi
    [ -n "$remote" ] || fetch_tags "$repository"
}

ledger() {
    git --git-dir="$scratch" "$@"
}

fetch_tags() { # REPOSITORY
    ledger fetch --quiet --no-tags --no-write-fetch-head "$1" 'refs/tags/*:refs/tags/*' >&2
}

next_id() { # print an id that no tag has, annotated or lightweight, here or in the remote
    : >"$scratch/there"
    [ -z "$remote" ] || git ls-remote --quiet --refs --tags "$remote" >"$scratch/there" ||
        refuse 5 "cannot list the tags of $remote; run git ls-remote $remote, then repeat bin/release"
    git tag --list | cat "$scratch/there" - | sed 's|.*refs/tags/||' |{% if cookiecutter.release_ids == "sequence" %} sed -n 's/^v0*\([0-9][0-9]*\)$/\1/p' |
        sort -n | awk '{ highest = $1 } END { print "v" highest + 1 }'{% else %} python3 -c '
import re, sys
from datetime import datetime, timedelta, timezone

form = "%Y-%m-%d-%H-%M"
# This minute, or the one after the latest release: clocks differ, and two releases may share a minute.
minutes = [datetime.now(timezone.utc).replace(tzinfo=None)]
for tag in re.findall(r"^\d{4}(?:-\d\d){4}$", sys.stdin.read(), re.MULTILINE):
    minutes.append(datetime.strptime(tag, form) + timedelta(minutes=1))
print(max(minutes).strftime(form))'{% endif %}
}

# Create the tag $id. git creates a ref atomically if the name is free, here and in a remote, so one of two racing
# releases gets the id. Exit status 1: another release took it.
claim() {
    record | TZ=UTC0 ledger tag --annotate --cleanup=verbatim --file=- "$id" "$revision" >&2 ||
        refuse 1 "git could not create tag $id; check name, email and key with git config --get-regexp '^(user|gpg|tag)[.]'"
    object=$(ledger rev-parse --verify "refs/tags/$id")
    # Some versions of git create the tag unsigned if the key is missing.
    if [ "$(ledger config --type=bool tag.gpgSign)" = true ] && ! ledger cat-file tag "$object" | grep -q '^-----BEGIN '; then
        refuse 1 "git did not sign tag $id; make the key available, or run git config tag.gpgSign false"
    fi
    if [ -z "$remote" ]; then
        claim_here && return
        git rev-parse --verify --quiet "refs/tags/$id" >/dev/null && return 1
        refuse 1 "git could not write tag $id; check space and permissions with df .git and ls -l .git/refs"
    fi
    pushed=$(ledger push --porcelain "$remote" "$object:refs/tags/$id" 2>&1) || : # its output decides: an identical tag also exits 0
    case $pushed in
        *'[new tag]'*) there=$object ;;
        *)
            there=$(git ls-remote --quiet --refs "$remote" "refs/tags/$id") ||
                refuse 5 "$remote did not confirm tag $id; run bin/release --list to see whether it was recorded"
            ;;
    esac
    case $there in
        "$object"*) claim_here || echo "$script: recorded $id, but the tag $id of this clone differs; run git show $id" >&2 ;;
        '')
            echo "$pushed" >&2
            refuse 5 "$remote rejected tag $id; resolve the reason that git printed, then repeat bin/release"
            ;;
        *) return 1 ;;
    esac
}

claim_here() { # create the tag in this clone, unless its name is taken
    ledger cat-file tag "$object" | git hash-object -t tag -w --stdin >/dev/null &&
        git update-ref "refs/tags/$id" "$object" ''
}

find_release() { # ID: set a variable for each field of the release
    entry=$(entries "$scratch" "$1")
    [ -n "$entry" ] || refuse 3 "no release $1; run bin/release --list"
    take "$entry"
}

find_config() { # ID: set $file to the kept configuration of the release
    find_release "$1"
    need_kept "$config" "$1"
    file=$(kept "$config")
}

list() { # [DEPLOY]: print the ledger
    entries "$scratch" | awk -F '\t' -v only="$1" '!only || $2 == only {
        sub(/.*@/, "", $4)
        printf "%s  %s  %s%s  image %.19s  revision %.12s  config %.19s  %s  %s\n",
            $1, $2, $3, $7 == "-" ? "" : " to " $7, $4, $5, $6, $8, $9
    }'
}

show() { # ID: print the record of a release
    find_release "$1"
    printf '%s\n' "Release: $id" "Deploy: $deploy" "Kind: $kind" "Image: $image" "Revision: $revision" "Config: $config" \
        "Restores: $restores" "Time: $time" "Person: $person"
}

diff() { # ID ID: print the names of the settings that differ
    find_config "$1"
    first=$file
    find_config "$2"
    differences "$first" "$file"
}

differences() { # FILE FILE: print the names of the settings added, removed or changed
    LC_ALL=C awk '
        { name = $0; sub(/=.*/, "", name) }
        /^[A-Z]/ && FILENAME == ARGV[1] { old[name] = $0 }
        /^[A-Z]/ && FILENAME == ARGV[2] { new[name] = $0 }
        END {
            for (name in new) if (!(name in old)) print name " added"; else if (old[name] != new[name]) print name " changed"
            for (name in old) if (!(name in new)) print name " removed"
        }' "$1" "$2" | sort
}
