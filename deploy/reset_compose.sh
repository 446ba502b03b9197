#!/bin/sh
# Deletes the containers and volumes of a compose project, after asking: reset_compose.sh YES COMPOSE...
set -eu
cd "$(dirname "$0")/.."

yes=$1
shift
settings=$("$@" config)
name=$(printf '%s\n' "$settings" | sed -n 's/^name: *//p')
# Compose 1 has no name in its settings; it takes that of the folder, as Compose 2 does.
name=${name:-$(basename "$PWD")}

# What runs says what it runs as, whatever the settings of this shell are. One that is in production is decisive.
containers=$("$@" ps --quiet --all 2>/dev/null || "$@" ps --quiet)
environments=$(
    printf '%s\n' "$settings" | sed -n 's/^ *VILKAR_ENVIRONMENT: *//p' | tr -d '"'
    # One id a line, without spaces.
    # shellcheck disable=SC2086
    [ -z "$containers" ] || docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' $containers |
        sed -n 's/^VILKAR_ENVIRONMENT=//p'
)
environment=$(printf '%s\n' "$environments" | grep -v -x -e demo -e test | head -n 1 || true)
environment=${environment:-demo}

volumes=$(docker volume ls --quiet --filter "label=com.docker.compose.project=$name")
if [ -z "$volumes" ] && [ -z "$containers" ]; then
    echo "there is nothing of the system '$name'"
    exit 0
fi
# One name a line, without spaces.
# shellcheck disable=SC2086
sh deploy/confirm_reset.sh "$name" "$environment" "$yes" $volumes
exec "$@" down --volumes --remove-orphans
