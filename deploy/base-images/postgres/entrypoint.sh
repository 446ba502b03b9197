#!/bin/sh
# Makes the data folder on the first start, then becomes the server. Of the official image's settings it knows those
# that docker-compose.yml relies on: PGDATA, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_INITDB_ARGS.
set -eu

# An option in first place is meant for the server, as in `docker run postgres -c fsync=off`.
case "${1:-}" in -*) set -- postgres "$@" ;; esac
[ "${1:-}" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    chown -R postgres:postgres "$PGDATA"
    chmod 0700 "$PGDATA"
    chown postgres:postgres /var/run/postgresql
    exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
        POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    fi
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "entrypoint: no password for the superuser; set POSTGRES_PASSWORD_FILE" >&2
        exit 1
    fi
    chmod 0700 "$PGDATA" 2>/dev/null || true
    password_file=$(mktemp)
    trap 'rm -f "$password_file"' EXIT
    printf '%s\n' "$POSTGRES_PASSWORD" > "$password_file"
    # POSTGRES_INITDB_ARGS is a list of words by definition.
    # shellcheck disable=SC2086
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile="$password_file" ${POSTGRES_INITDB_ARGS:-}
    rm -f "$password_file"
    trap - EXIT
    printf 'host all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"
fi

unset POSTGRES_PASSWORD
# The package's default is the loopback address alone; a container is reached from others.
exec "$@" -c listen_addresses='*'
