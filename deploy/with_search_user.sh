#!/bin/sh
# Runs a container that may look into the broker's queues: sh deploy/with_search_user.sh "docker compose" OPTIONS SERVICE …
#
# The user it does so with lives in the container `search-user` for as long as this script holds its standard input
# open: however this script ends, the user is gone.
set -eu

compose=$1
shift
work=$(mktemp -d)
mkfifo "$work/open"
$compose run --rm --no-deps -T search-user <"$work/open" >"$work/user" &
keeper=$!
exec 3>"$work/open"
trap 'exec 3>&-; wait "$keeper" || true; rm -rf "$work"' EXIT
until [ "$(wc -l <"$work/user")" -ge 2 ]; do
    kill -0 "$keeper" 2>/dev/null || { echo "no user to look into queues with: does the broker run?" >&2; exit 1; }
    sleep 0.2
done
# For the container's own user to read; nobody else gets into the folder.
chmod 644 "$work/user"
$compose run --rm --no-deps --env VILKAR_SEARCH_USER_FILE=/run/search-user \
    --volume "$work/user:/run/search-user:ro" "$@" 3>&-
