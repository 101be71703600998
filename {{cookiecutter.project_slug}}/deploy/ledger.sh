#!/bin/sh
# The ledger of releases: annotated tags, which are made and read, and never moved or deleted. bin/release and bin/run
# read this file.
# shellcheck disable=SC2034,SC2154 # what it sets, they use; and some of what it uses, they set

entries() { # GIT-DIR [ID]: id, deploy, kind, image, revision, config, restores, time and person, one release a line
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

take() { # ENTRY: have its fields
    IFS=$(printf '\t') read -r id deploy kind image revision config restores time person <<END
$1
END
}

# Releases are read and made in a repository of their own, which has the objects of this one and only the tags of the
# remote. It is below this one, so that settings of git that depend on the folder hold there, too.
open_ledger() { # read | write
    scratch=$(mktemp -d "$repository/ledger.XXXXXX")
    git init --quiet --bare --template= --object-format="$(git rev-parse --show-object-format)" "$scratch"
    ledger config include.path "$repository/config"
    mkdir -p "$scratch/objects/info"
    echo "$repository/objects" >"$scratch/objects/info/alternates"
    [ ! -e "$repository/shallow" ] || cp "$repository/shallow" "$scratch/shallow"
    if [ -n "$remote" ] && ! fetch_tags "$remote"; then
        [ "$1" = read ] || refuse 5 "$remote cannot be reached, and nothing is released without the ledger that all share"
        echo "$script: $remote cannot be reached: this is what was known here" >&2
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

next_id() { # an id that no tag has, whatever kind of tag, here or there
    : >"$scratch/there"
    [ -z "$remote" ] || git ls-remote --quiet --refs --tags "$remote" >"$scratch/there" ||
        refuse 5 "$remote went away: try again"
    git tag --list | cat "$scratch/there" - | sed 's|.*refs/tags/||' |{% if cookiecutter.release_ids == "sequence" %} sed -n 's/^v0*\([0-9][0-9]*\)$/\1/p' |
        sort -n | awk '{ highest = $1 } END { print "v" highest + 1 }'{% else %} python3 -c '
import re, sys
from datetime import datetime, timedelta, timezone

form = "%Y-%m-%d-%H-%M"
# This minute, or the one after the latest release: clocks differ, and a minute may see two releases.
minutes = [datetime.now(timezone.utc).replace(tzinfo=None)]
for tag in re.findall(r"^\d{4}(?:-\d\d){4}$", sys.stdin.read(), re.MULTILINE):
    minutes.append(datetime.strptime(tag, form) + timedelta(minutes=1))
print(max(minutes).strftime(form))'{% endif %}
}

# claim: record the release as $id. Status 1: another release was first. To create a tag and no other, and only if there
# is none of its name, is one step for git, in a remote as well as here.
claim() {
    record | TZ=UTC0 ledger tag --annotate --cleanup=verbatim --file=- "$id" "$revision" >&2 ||
        refuse 1 "git made no tag, as it says above: git config user.name and user.email, and the key if it is to sign"
    object=$(ledger rev-parse --verify "refs/tags/$id")
    # Some versions of git go on without a signature when there is no key.
    if [ "$(ledger config --type=bool tag.gpgSign)" = true ] && ! ledger cat-file tag "$object" | grep -q '^-----BEGIN '; then
        refuse 1 "git did not sign the tag, as it says above: have the key at hand, or git config tag.gpgSign false"
    fi
    if [ -z "$remote" ]; then
        claim_here && return
        git rev-parse --verify --quiet "refs/tags/$id" >/dev/null && return 1
        refuse 1 "git could not write the tag $id, as it says above"
    fi
    pushed=$(ledger push --porcelain "$remote" "$object:refs/tags/$id" 2>&1) || : # what it says counts
    case $pushed in
        *'[new tag]'*) there=$object ;;
        *)
            there=$(git ls-remote --quiet --refs "$remote" "refs/tags/$id") ||
                refuse 5 "$remote went away; bin/release --list will say if $id was recorded"
            ;;
    esac
    case $there in
        "$object"*) claim_here || echo "$script: $id is recorded; a tag of that name here is another, look at it: git show $id" >&2 ;;
        '')
            echo "$pushed" >&2
            refuse 5 "$remote does not take the tag $id, as it says above: have someone release who may push tags"
            ;;
        *) return 1 ;;
    esac
}

claim_here() {
    ledger cat-file tag "$object" | git hash-object -t tag -w --stdin >/dev/null &&
        git update-ref "refs/tags/$id" "$object" ''
}

find_release() { # ID: have its fields
    entry=$(entries "$scratch" "$1")
    [ -n "$entry" ] || refuse 3 "there is no release $1: bin/release --list names all"
    take "$entry"
}

find_config() { # ID: have its configuration as $file
    find_release "$1"
    need_kept "$config" "$1"
    file=$(kept "$config")
}

list() { # [DEPLOY]
    entries "$scratch" | awk -F '\t' -v only="$1" '!only || $2 == only {
        sub(/.*@/, "", $4)
        printf "%s  %s  %s%s  image %.19s  revision %.12s  config %.19s  %s  %s\n",
            $1, $2, $3, $7 == "-" ? "" : " to " $7, $4, $5, $6, $8, $9
    }'
}

show() { # ID
    find_release "$1"
    printf '%s\n' "Release: $id" "Deploy: $deploy" "Kind: $kind" "Image: $image" "Revision: $revision" "Config: $config" \
        "Restores: $restores" "Time: $time" "Person: $person"
}

diff() { # ID ID
    find_config "$1"
    first=$file
    find_config "$2"
    differences "$first" "$file"
}

differences() { # FILE FILE: the names of the settings that were added, removed or changed
    LC_ALL=C awk '
        { name = $0; sub(/=.*/, "", name) }
        /^[A-Z]/ && FILENAME == ARGV[1] { old[name] = $0 }
        /^[A-Z]/ && FILENAME == ARGV[2] { new[name] = $0 }
        END {
            for (name in new) if (!(name in old)) print name " added"; else if (old[name] != new[name]) print name " changed"
            for (name in old) if (!(name in new)) print name " removed"
        }' "$1" "$2" | sort
}
