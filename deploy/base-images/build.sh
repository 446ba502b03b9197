#!/bin/sh
# Makes stand-ins for the four official images that docker-compose.yml uses, from Debian's packages alone.
#
#   deploy/base-images/build.sh               as vilkar-base/postgres:17, vilkar-base/python:3.13-slim, ...
#   deploy/base-images/build.sh --as-official and under the official names too, where nobody else's image has them
#
# Needs root, mmdebstrap (installed when missing) and a Docker engine. What is built already is not built again.
set -eu
cd "$(dirname "$0")"

RELEASE=trixie
NAMES="python:3.13-slim postgres:17 rabbitmq:4-management haproxy:3.0"
LABEL=no.vilkar.base-image
say() { echo "base-images: $*" >&2; }

# An image is made anew where its folder has changed, or what it stands on; Debian where how it is made has changed.
recipe() { find "$@" -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16; }
debian_recipe() { { echo "$RELEASE"; sed -n '/^make_debian()/,/^}/p' build.sh; } | sha256sum | cut -c1-16; }
label_of() { docker image inspect --format "{{index .Config.Labels \"$LABEL\"}}" "$1" 2>/dev/null || true; }
exists() { docker image inspect "$1" >/dev/null 2>&1; }

mirror() {
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
        awk -F'|' '$1 == "Debian" && $2 == "Debian" { print $3; exit }'
}

make_debian() {
    if ! command -v mmdebstrap >/dev/null; then
        say "installing mmdebstrap"
        DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet install --yes --no-install-recommends mmdebstrap >&2
    fi
    address=$(mirror)
    [ -n "$address" ] || { say "apt knows no mirror of Debian here; run apt-get update first"; exit 1; }
    say "making Debian $RELEASE"
    # Into a file first: a pipe would make an image of whatever there was when it broke.
    made=$(mktemp)
    trap 'rm -f "$made"' EXIT
    # The machine's own certificates go along, so that the image reaches whatever mirror the machine reaches.
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --customize-hook='mkdir -p "$1/usr/local/share/ca-certificates"' \
        --customize-hook='find /usr/local/share/ca-certificates -name "*.crt" -exec cp {} "$1/usr/local/share/ca-certificates/" \;' \
        --customize-hook='chroot "$1" update-ca-certificates >/dev/null 2>&1' \
        "$RELEASE" - "$address" > "$made"
    docker import --change "LABEL $LABEL=$1" "$made" "vilkar-base/debian:$RELEASE" >/dev/null
    rm -f "$made"
}

main() {
    debian=$(debian_recipe)
    for name in $NAMES; do
        wanted=$debian-$(recipe "${name%%:*}")
        if [ "$(label_of "vilkar-base/$name")" != "$wanted" ]; then
            [ "$(label_of "vilkar-base/debian:$RELEASE")" = "$debian" ] || make_debian "$debian"
            say "making vilkar-base/$name"
            # The classic builder: it needs no plugin of the client, and these recipes need nothing newer.
            DOCKER_BUILDKIT=0 docker build --quiet --label "$LABEL=$wanted" \
                --tag "vilkar-base/$name" "${name%%:*}" 2>&1 >/dev/null |
                grep -v -e DEPRECATED -e buildx -i -e buildkit -e 'environment-variable' -e '^ *$' >&2 || true
            [ "$(label_of "vilkar-base/$name")" = "$wanted" ] || { say "vilkar-base/$name could not be made"; exit 1; }
        fi
        [ "${1:-}" = "--as-official" ] || continue
        if exists "$name" && [ -z "$(label_of "$name")" ]; then
            say "$name is there and not ours: left alone"
        else
            docker tag "vilkar-base/$name" "$name"
        fi
    done
}

main "$@"
